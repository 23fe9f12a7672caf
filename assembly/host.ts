// What the core asks of its host, and all of it: an order for priorities that are not numbers, and to come back from a
// rest.

/**
 * Compares the values in two cells of the container that is being worked on.
 * Returns 1 when `left` comes before `right`, 0 when it does not, and -1 when the comparison failed.
 */
export declare function compare(left: i32, right: i32): i32;

/**
 * Ends the host's rest: something has become ready, or a timer was armed. The operation that has done it may still be
 * under way: of the core only `nextDeadline` and `rest` may be called from here.
 */
export declare function wake(): void;
