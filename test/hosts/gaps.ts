// What is not run on a host, or fails there: each with the reason. Nothing else is skipped anywhere.
//
// A gap in tests whose tests all pass is reported as a failure, so that this list never says more than is true.

/** What the suite is made of: what runs on the host itself, its digest, and processes of it. */
export const PARTS = [
  "core",
  "facts",
  "programs",
  "lowered",
  "globals",
  "random",
  "host",
  "outsideFacts",
  "network",
  "peer",
  "processes",
  "client",
  "digest",
  "process",
] as const;
export type Part = (typeof PARTS)[number];

/** A part of the suite that has no meaning on a host. */
export interface PartGap {
  readonly host: string;
  readonly parts: readonly Part[];
  readonly because: string;
}

/** Tests that fail on a host. */
export interface TestGap {
  readonly host: string;
  /** The names of the tests. */
  readonly tests: RegExp;
  readonly because: string;
}

export const PART_GAPS: readonly PartGap[] = [
  {
    host: "generic",
    parts: ["core", "facts", "programs", "lowered", "digest"],
    because: "it runs on Node's engine, which has had them under its own name; what is the host's own is tested",
  },
  {
    host: "generic",
    parts: ["process"],
    because: "nothing is known of its process, so that nothing is promised",
  },
  {
    host: "generic",
    parts: ["outsideFacts", "network", "peer", "processes"],
    because: "nothing is known of its sockets and children: they are refused",
  },
  {
    host: "workerd",
    parts: ["outsideFacts", "network"],
    because: "its sockets only connect, so that there is no server in the program",
  },
  ...["workerd", "chromium", "firefox"].map((host) => ({
    host,
    parts: ["processes"] as const,
    because: "it starts no processes: they are refused",
  })),
  ...["chromium", "firefox"].map((host) => ({
    host,
    parts: ["outsideFacts", "network", "peer"] as const,
    because: "pages have no sockets: they are refused",
  })),
  { host: "workerd", parts: ["process"], because: "a request ends with its answer, and there is no Ctrl-C" },
  { host: "chromium", parts: ["process"], because: "a page ends with its window, and there is no Ctrl-C" },
  { host: "firefox", parts: ["process"], because: "a page ends with its window, and there is no Ctrl-C" },
];

export const TEST_GAPS: readonly TestGap[] = [
  ...["workerd", "chromium", "firefox"].map((host) => ({
    host,
    tests: /^fact SIGNAL-0[12]\b/,
    because: "it gets no signals",
  })),
  {
    host: "deno",
    tests: /^process: a deadlock is seen at the top of a module, too$/,
    because: "while somebody listens to Ctrl-C, Deno waits for ever for a module that waits, and tells nobody",
  },
  {
    host: "deno",
    tests: /^process: what is under way in a store when the first loop is made /,
    because: "contexts are kept there for who asks, and what is stored cannot be seen",
  },
  {
    host: "bun",
    tests: /^process: a deadlock is seen at the top of a module, too$/,
    because: "Bun waits for ever for a module that waits, and tells nobody",
  },
  {
    host: "workerd",
    tests: /^peer with TLS: startTls before anything was read$/,
    because:
      "a transport reads from the beginning, and a read of workerd's can neither be taken back nor go on with TLS",
  },
  {
    host: "node20",
    tests: /^network: several servers share a port$/,
    because: "Node 20 does not know reusePort",
  },
  {
    host: "deno",
    tests: /^network: a server on all IPv6 addresses takes no IPv4$/,
    because: "Deno cannot listen on IPv6 alone, so that a server on all addresses has one socket for both",
  },
  {
    host: "deno",
    tests: /^network: an address of somebody else is left out, but not when it is the only one$/,
    because: "Deno's node:net gives EINVAL for it",
  },
  ...["deno", "workerd"].map((host) => ({
    host,
    tests: /^client: deflate,/,
    because: "its fetch asks for gzip and br, and decompresses nothing else",
  })),
  ...["node20", "generic"].map((host) => ({
    host,
    tests: /^client: .*web sockets?\b|^client: a message of a web socket/,
    because: "Node 20 has no web sockets: test/unit/client has those of ws",
  })),
  ...["workerd", "chromium", "firefox"].map((host) => ({
    host,
    tests: /^client: (a server that hangs up|where nobody listens|a request is made again)/,
    because: "its fetch does not tell why a request has failed",
  })),
  ...["generic", "workerd", "chromium", "firefox"].map((host) => ({
    host,
    tests: /^client: a proxy/,
    because: "its fetch has no setting for proxies: they are refused",
  })),
  ...["chromium", "firefox"].flatMap((host) => [
    {
      host,
      tests:
        /^client: (the answers that led|a redirect that is not|too many redirects|redirects to what|chunks that are used)/,
      because: "a page goes where it is redirected to by itself, and does not see how",
    },
    {
      host,
      tests: /^client: (cookies|credentials)/,
      because: "a page keeps its cookies by itself: to send others is refused",
    },
    {
      host,
      tests: /^client: an answer that comes before the body is sent$/,
      because: "a page sends bodies whole",
    },
  ]),
];
