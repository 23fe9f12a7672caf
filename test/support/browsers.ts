// The browsers that pages are tested in: real ones, as Debian has them.

import { existsSync } from "node:fs";
import { type Browser, chromium, firefox } from "playwright-core";

interface Program {
  /** Where it may be, first match first. */
  readonly paths: readonly string[];
  /** The package that has it. */
  readonly debian: string;
  open(executablePath: string, theme: Theme): Promise<Browser>;
}

/** What a user likes. Chromium's pages are told when they are made, by playwright. */
export type Theme = "light" | "dark";

const PROGRAMS: Record<BrowserName, Program> = {
  chromium: {
    paths: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
    debian: "chromium",
    open: (executablePath) => chromium.launch({ executablePath, args: ["--no-sandbox"] }),
  },
  firefox: {
    paths: ["/usr/bin/firefox-esr", "/usr/bin/firefox"],
    debian: "firefox-esr",
    // An unpatched Firefox is driven by WebDriver BiDi, which playwright calls a channel.
    open: (executablePath, theme) =>
      firefox.launch({
        executablePath,
        channel: "moz-firefox",
        firefoxUserPrefs: { "layout.css.prefers-color-scheme.content-override": theme === "dark" ? 0 : 1 },
      }),
  },
};

export type BrowserName = "chromium" | "firefox";

export const BROWSERS: readonly BrowserName[] = ["chromium", "firefox"];

/** How a browser is installed. */
export function installBy(name: BrowserName): string {
  return `apt-get install ${PROGRAMS[name].debian}`;
}

/** What opens a browser, or null where it is not installed. */
export function findBrowser(name: BrowserName): ((theme?: Theme) => Promise<Browser>) | null {
  const { paths, open } = PROGRAMS[name];
  const path = [process.env[variableOf(name)] ?? "", ...paths].find(existsSync);
  return path === undefined ? null : (theme = "light") => open(path, theme);
}

/** Opens a browser. Throws Error where it is not installed. */
export async function openBrowser(name: BrowserName): Promise<Browser> {
  const open = findBrowser(name);
  if (open !== null) return open();
  const [install, variable] = [installBy(name), variableOf(name)];
  throw new Error(`Cannot open ${name}: it is not installed. Run "${install}", or say in ${variable} where it is.`);
}

/** The environment variable that says where a browser is. */
function variableOf(name: BrowserName): string {
  return `${name.toUpperCase()}_PATH`;
}
