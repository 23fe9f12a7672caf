// The door `wasyncio/register`: loaded before a program, it has the program's files lowered as they are loaded.

export { registered } from "./register.ts";
