// The browsers that pages are tested in: real ones, as Debian has them.

import { existsSync } from "node:fs";
import { type Browser, chromium, firefox } from "playwright-core";

interface Program {
  /** Where it may be, first match first. */
  readonly paths: readonly string[];
  /** The package that has it. */
  readonly debian: string;
  open(executablePath: string): Promise<Browser>;
}

const PROGRAMS = {
  chromium: {
    paths: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
    debian: "chromium",
    open: (executablePath) => chromium.launch({ executablePath, args: ["--no-sandbox"] }),
  },
  firefox: {
    paths: ["/usr/bin/firefox-esr", "/usr/bin/firefox"],
    debian: "firefox-esr",
    // An unpatched Firefox is driven by WebDriver BiDi, which playwright calls a channel.
    open: (executablePath) => firefox.launch({ executablePath, channel: "moz-firefox" }),
  },
} satisfies Record<string, Program>;

export type BrowserName = keyof typeof PROGRAMS;

export const BROWSERS = Object.keys(PROGRAMS) as BrowserName[];

/** Opens a browser. Throws Error where it is not installed. */
export async function openBrowser(name: BrowserName): Promise<Browser> {
  const { paths, debian, open } = PROGRAMS[name];
  const variable = `${name.toUpperCase()}_PATH`;
  const path = [process.env[variable] ?? "", ...paths].find(existsSync);
  if (path === undefined)
    throw new Error(
      `Cannot open ${name}: it is not installed. Run "apt-get install ${debian}", or say in ${variable} where it is.`,
    );
  return open(path);
}
