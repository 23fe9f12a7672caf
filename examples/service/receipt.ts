// A receipt, with a code that is slow to make, and so to guess: threads make it, so that others need not wait.

import { scryptSync } from "node:crypto";
import process from "node:process";
import { job } from "wasyncio/executors";

const key = process.env["RECEIPT_KEY"] ?? "for tests only";

export const receiptOf = job(import.meta, function receiptOf(order: number, item: string, date: string): string {
  const text = `order ${order}: ${item}, ${date}`;
  return `${text}, ${scryptSync(text, key, 8).toString("hex")}`;
});
