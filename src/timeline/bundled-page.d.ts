/** A program for browsers, with the style.css beside it: scripts/page-plugins.mjs bundles and minifies both. */
declare module "*?page" {
  /** JavaScript, to be put between script tags as it is. */
  export const script: string;
  /** CSS, to be put between style tags as it is. */
  export const style: string;
  /** What a Content-Security-Policy calls each of the two: "'sha256-...'". */
  export const scriptSource: string;
  export const styleSource: string;
}
