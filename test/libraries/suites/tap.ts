// Results of tests, as TAP says them.

/** How many tests of a name pass, and how many there are: tape counts assertions, of which many have one name. */
export type Results = Map<string, { passed: number; failed: number }>;

/** Reads the lines "ok 1 - name" and "not ok 2 - name", at any depth. What is skipped or yet to be done is no test. */
export function readTap(text: string): Results {
  const results: Results = new Map();
  for (const line of text.split("\n")) {
    const [, not, name] = /^\s*(not )?ok \d+(?: -)? ?(.*)$/.exec(line) ?? [];
    if (name === undefined || / # (SKIP|TODO)\b/i.test(name)) continue;
    const found = results.get(name) ?? { passed: 0, failed: 0 };
    results.set(name, found);
    if (not === undefined) found.passed++;
    else found.failed++;
  }
  return results;
}

/** How many have passed, and how many there are. */
export function count(results: Results): { readonly passed: number; readonly all: number } {
  let passed = 0;
  let all = 0;
  for (const each of results.values()) {
    passed += each.passed;
    all += each.passed + each.failed;
  }
  return { passed, all };
}

/** The names that pass less often in `lowered` than natively: those that did not run are among them. */
export function worse(natively: Results, lowered: Results): string[] {
  return [...natively].filter(([name, { passed }]) => (lowered.get(name)?.passed ?? 0) < passed).map(([name]) => name);
}
