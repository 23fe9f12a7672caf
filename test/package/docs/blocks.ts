// The fenced blocks of a Markdown document.

/** A fenced block. */
export interface Block {
  /** "ts", "text", "sh"... */
  readonly language: string;
  /** What stands behind the language. */
  readonly info: string;
  readonly text: string;
  /** Line of the document on which it begins, from 1. */
  readonly line: number;
  /** Where its text begins in the document. */
  readonly start: number;
}

const FENCED = /^```(\w+)(?: (.*))?\n([^]*?)^```$/gm;

/** The blocks of a document, in order. */
export function blocksOf(document: string): Block[] {
  return [...document.matchAll(FENCED)].map((match) => {
    const [whole, language = "", info = "", text = ""] = match;
    const start = match.index + whole.indexOf("\n") + 1;
    return { language, info, text, line: document.slice(0, match.index).split("\n").length, start };
  });
}
