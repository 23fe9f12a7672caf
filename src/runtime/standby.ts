// Whether programs stand by: in a worker that loads the module of a job, which may start a program when it is loaded.

/** `tell` is called in place of a program that `run` is given, which then never begins; null: programs run. */
export const standby: { tell: (() => void) | null } = { tell: null };
