// What is wrong with a command as it was typed: it is told without a stack, and ends with code 2.

export class UsageError extends Error {}
