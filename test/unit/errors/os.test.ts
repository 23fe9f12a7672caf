import { describe, expect, test } from "vitest";
import {
  BrokenPipeError,
  ConnectionAbortedError,
  ConnectionError,
  ConnectionRefusedError,
  ConnectionResetError,
  FileExistsError,
  FileNotFoundError,
  GaiError,
  OSError,
  PermissionError,
  ProcessLookupError,
  SSLCertVerificationError,
  SSLError,
} from "wasyncio/streams";
import { osError } from "../../../src/errors/os.ts";

const FAMILY = [
  [ConnectionError, OSError],
  [ConnectionRefusedError, ConnectionError],
  [ConnectionResetError, ConnectionError],
  [ConnectionAbortedError, ConnectionError],
  [BrokenPipeError, ConnectionError],
  [FileNotFoundError, OSError],
  [FileExistsError, OSError],
  [PermissionError, OSError],
  [ProcessLookupError, OSError],
  [GaiError, OSError],
  [SSLError, OSError],
  [SSLCertVerificationError, SSLError],
] as const;

describe.each(FAMILY.map(([type, base]) => [type.name, type, base] as const))("%s", (name, type, base) => {
  test(`is an ${base.name} with its own name, a message, a cause and the system's details`, () => {
    const error = new type("message", { cause: 1, code: "EX", errno: 7, syscall: "call" });
    expect(error).toBeInstanceOf(base);
    expect([error.name, error.message, error.cause]).toEqual([name, "message", 1]);
    expect([error.code, error.errno, error.syscall]).toEqual(["EX", 7, "call"]);
  });

  test("knows nothing when it is told nothing", () => {
    const { message, code, errno, syscall } = new type();
    expect([message, code, errno, syscall]).toEqual(["", null, null, null]);
  });
});

test.each([
  ["ECONNREFUSED", "ConnectionRefusedError"],
  ["ECONNRESET", "ConnectionResetError"],
  ["ECONNABORTED", "ConnectionAbortedError"],
  ["ECANCELED", "ConnectionAbortedError"],
  ["EPIPE", "BrokenPipeError"],
  ["ENOENT", "FileNotFoundError"],
  ["EEXIST", "FileExistsError"],
  ["EACCES", "PermissionError"],
  ["EPERM", "PermissionError"],
  ["ESRCH", "ProcessLookupError"],
  ["ENOTFOUND", "GaiError"],
  ["EAI_AGAIN", "GaiError"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "SSLCertVerificationError"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "SSLCertVerificationError"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "SSLError"],
  ["EADDRINUSE", "OSError"],
  ["constructor", "OSError"],
])("the fault %s is a %s", (code, name) => {
  const error = osError({ message: "why", code, errno: -1, syscall: "connect" }) as OSError;
  expect([error.name, error.message, error.code, error.errno, error.syscall]).toEqual([
    name,
    "why",
    code,
    1,
    "connect",
  ]);
});
