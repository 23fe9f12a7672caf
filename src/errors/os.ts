// What the system refuses: the family of OSError, by the code of the fault.

import { TimeoutError } from "./asyncio.ts";
import { type FaultDetails, OSError } from "./base.ts";

export { type FaultDetails, OSError };

/** A connection could not be made, or is gone. Mirrors Python's ConnectionError. */
export class ConnectionError extends OSError {
  static {
    this.prototype.name = "ConnectionError";
  }
}

/** Nobody listens there. Mirrors Python's ConnectionRefusedError. */
export class ConnectionRefusedError extends ConnectionError {
  static {
    this.prototype.name = "ConnectionRefusedError";
  }
}

/** The connection was closed by the other side, or is gone. Mirrors Python's ConnectionResetError. */
export class ConnectionResetError extends ConnectionError {
  static {
    this.prototype.name = "ConnectionResetError";
  }
}

/** The connection was given up by this side. Mirrors Python's ConnectionAbortedError. */
export class ConnectionAbortedError extends ConnectionError {
  static {
    this.prototype.name = "ConnectionAbortedError";
  }
}

/** Nobody is left to read what is written. Mirrors Python's BrokenPipeError. */
export class BrokenPipeError extends ConnectionError {
  static {
    this.prototype.name = "BrokenPipeError";
  }
}

/** There is no such file. Mirrors Python's FileNotFoundError. */
export class FileNotFoundError extends OSError {
  static {
    this.prototype.name = "FileNotFoundError";
  }
}

/** There is such a file already. Mirrors Python's FileExistsError. */
export class FileExistsError extends OSError {
  static {
    this.prototype.name = "FileExistsError";
  }
}

/** The program may not do that. Mirrors Python's PermissionError. */
export class PermissionError extends OSError {
  static {
    this.prototype.name = "PermissionError";
  }
}

/** There is no such process. Mirrors Python's ProcessLookupError. */
export class ProcessLookupError extends OSError {
  static {
    this.prototype.name = "ProcessLookupError";
  }
}

/** A name was not found. Mirrors Python's socket.gaierror. */
export class GaiError extends OSError {
  static {
    this.prototype.name = "GaiError";
  }
}

/** TLS failed. Mirrors Python's ssl.SSLError. */
export class SSLError extends OSError {
  static {
    this.prototype.name = "SSLError";
  }
}

/** The other side's certificate is not trusted. Mirrors Python's ssl.SSLCertVerificationError. */
export class SSLCertVerificationError extends SSLError {
  static {
    this.prototype.name = "SSLCertVerificationError";
  }
}

/** What a host tells of a fault. */
export interface Fault {
  readonly message: string;
  readonly code?: string | undefined;
  /** The system's number for it; hosts differ in its sign. */
  readonly errno?: number | undefined;
  readonly syscall?: string | undefined;
  /** What is thrown for it as it is, where it is an error of the program's or of a library's. */
  readonly error?: Error | undefined;
}

type FaultClass = new (message?: string, details?: FaultDetails) => Error;

const CLASSES: Readonly<Record<string, FaultClass>> = {
  ECONNREFUSED: ConnectionRefusedError,
  ECONNRESET: ConnectionResetError,
  ECONNABORTED: ConnectionAbortedError,
  ECANCELED: ConnectionAbortedError, // Deno's word for what was to be written when the other side aborts
  EPIPE: BrokenPipeError,
  ESHUTDOWN: BrokenPipeError,
  ENOENT: FileNotFoundError,
  EEXIST: FileExistsError,
  EACCES: PermissionError,
  EPERM: PermissionError,
  ESRCH: ProcessLookupError,
  ETIMEDOUT: TimeoutError,
  ENOTFOUND: GaiError,
  ENODATA: GaiError,
};

/** Codes of OpenSSL for a certificate that is not trusted, as Node, Deno and Bun have them. */
const UNTRUSTED =
  /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_|PATH_LENGTH_|CRL_|ERROR_IN_CERT_|ERR_TLS_CERT_)/;

function classOf(code: string): FaultClass {
  if (Object.hasOwn(CLASSES, code)) return CLASSES[code];
  if (code.startsWith("EAI_")) return GaiError;
  if (UNTRUSTED.test(code)) return SSLCertVerificationError;
  return /^ERR_(SSL|TLS|OSSL|BORINGSSL)/.test(code) ? SSLError : OSError;
}

/** The error for a fault: its own, or one of the class that its code stands for. */
export function osError({ message, code, errno, syscall, error }: Fault, text = message): Error {
  if (error !== undefined) return error;
  const details = {
    code: code ?? null,
    errno: errno === undefined ? null : Math.abs(errno),
    syscall: syscall ?? null,
  };
  return new (classOf(code ?? ""))(text, details);
}
