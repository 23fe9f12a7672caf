// What the server refuses, by asyncpg's classes; and what became of it.

import { RuntimeError } from "../errors/base.ts";

/** What the server tells of an error, beside its message. */
export interface PostgresErrorFields {
  /** The five characters that say which error it is. */
  readonly sqlstate: string;
  /** "ERROR", "FATAL" or "PANIC". */
  readonly severity?: string | undefined;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  /** Where in the statement, in characters from 1. */
  readonly position?: string | undefined;
  readonly where?: string | undefined;
  readonly schemaName?: string | undefined;
  readonly tableName?: string | undefined;
  readonly columnName?: string | undefined;
  readonly dataTypeName?: string | undefined;
  readonly constraintName?: string | undefined;
}

/** The server refused something. Mirrors asyncpg.PostgresError; its subclasses tell what programs catch most often. */
export class PostgresError extends Error {
  static {
    this.prototype.name = "PostgresError";
  }
  /** Which error it is: SQLSTATE, five characters. */
  declare readonly sqlstate: string;
  declare readonly severity?: string;
  declare readonly detail?: string;
  declare readonly hint?: string;
  /** Where in the statement, in characters from 1. */
  declare readonly position?: string;
  declare readonly where?: string;
  declare readonly schemaName?: string;
  declare readonly tableName?: string;
  declare readonly columnName?: string;
  declare readonly dataTypeName?: string;
  declare readonly constraintName?: string;

  constructor(message: string, fields: PostgresErrorFields, options?: ErrorOptions) {
    super(message, options);
    for (const [name, value] of Object.entries(fields))
      if (value !== undefined) Object.defineProperty(this, name, { value, enumerable: true });
  }
}

/** The server is lost, or has ended the connection. Mirrors asyncpg.PostgresConnectionError. */
export class PostgresConnectionError extends PostgresError {
  static {
    this.prototype.name = "PostgresConnectionError";
  }
}

/** Data are against a constraint. Mirrors asyncpg.IntegrityConstraintViolationError, with its subclasses. */
export class IntegrityConstraintViolationError extends PostgresError {
  static {
    this.prototype.name = "IntegrityConstraintViolationError";
  }
}

/** Such a row is there already. Mirrors asyncpg.UniqueViolationError. */
export class UniqueViolationError extends IntegrityConstraintViolationError {
  static {
    this.prototype.name = "UniqueViolationError";
  }
}

/** A row refers to one that is not there. Mirrors asyncpg.ForeignKeyViolationError. */
export class ForeignKeyViolationError extends IntegrityConstraintViolationError {
  static {
    this.prototype.name = "ForeignKeyViolationError";
  }
}

/** A value is missing. Mirrors asyncpg.NotNullViolationError. */
export class NotNullViolationError extends IntegrityConstraintViolationError {
  static {
    this.prototype.name = "NotNullViolationError";
  }
}

/** A check says no. Mirrors asyncpg.CheckViolationError. */
export class CheckViolationError extends IntegrityConstraintViolationError {
  static {
    this.prototype.name = "CheckViolationError";
  }
}

/** Two transactions are in each other's way: try again. Mirrors asyncpg.TransactionRollbackError. */
export class TransactionRollbackError extends PostgresError {
  static {
    this.prototype.name = "TransactionRollbackError";
  }
}

/** A transaction could not have run by itself. Mirrors asyncpg.SerializationError. */
export class SerializationError extends TransactionRollbackError {
  static {
    this.prototype.name = "SerializationError";
  }
}

/** Two transactions wait for each other. Mirrors asyncpg.DeadlockDetectedError. */
export class DeadlockDetectedError extends TransactionRollbackError {
  static {
    this.prototype.name = "DeadlockDetectedError";
  }
}

/** An earlier error has ended the transaction. Mirrors asyncpg.InFailedSQLTransactionError. */
export class InFailedSQLTransactionError extends PostgresError {
  static {
    this.prototype.name = "InFailedSQLTransactionError";
  }
}

/** The statement is wrong, or not allowed. Mirrors asyncpg.SyntaxOrAccessError. */
export class SyntaxOrAccessError extends PostgresError {
  static {
    this.prototype.name = "SyntaxOrAccessError";
  }
}

/** There is no such table. Mirrors asyncpg.UndefinedTableError. */
export class UndefinedTableError extends SyntaxOrAccessError {
  static {
    this.prototype.name = "UndefinedTableError";
  }
}

/** A value is wrong. Mirrors asyncpg.DataError. */
export class DataError extends PostgresError {
  static {
    this.prototype.name = "DataError";
  }
}

/** The statement was cancelled, or took too long. Mirrors asyncpg.QueryCanceledError. */
export class QueryCanceledError extends PostgresError {
  static {
    this.prototype.name = "QueryCanceledError";
  }
}

/** The password, or the user, is not the right one. Mirrors asyncpg.InvalidAuthorizationSpecificationError. */
export class InvalidAuthorizationSpecificationError extends PostgresError {
  static {
    this.prototype.name = "InvalidAuthorizationSpecificationError";
  }
}

/**
 * A connection was used as it cannot be: by two tasks at once, or when it is closed. Mirrors asyncpg.InterfaceError.
 */
export class InterfaceError extends RuntimeError {
  static {
    this.prototype.name = "InterfaceError";
  }
}

type ErrorClass = new (message: string, fields: PostgresErrorFields, options?: ErrorOptions) => PostgresError;

/** By state, or by its class, the first two characters. */
const CLASSES: Readonly<Record<string, ErrorClass>> = {
  "08": PostgresConnectionError,
  "08P01": PostgresError, // as by too few arguments: the connection is as good as before
  "22": DataError,
  "23": IntegrityConstraintViolationError,
  "23502": NotNullViolationError,
  "23503": ForeignKeyViolationError,
  "23505": UniqueViolationError,
  "23514": CheckViolationError,
  "25P02": InFailedSQLTransactionError,
  "28": InvalidAuthorizationSpecificationError,
  "40": TransactionRollbackError,
  "40001": SerializationError,
  "40P01": DeadlockDetectedError,
  "42": SyntaxOrAccessError,
  "42P01": UndefinedTableError,
  "57014": QueryCanceledError,
};

/** What the driver has read of an error. */
export interface ServerError extends Error {
  readonly code?: string;
  readonly severity?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly position?: string;
  readonly where?: string;
  readonly schema?: string;
  readonly table?: string;
  readonly column?: string;
  readonly dataType?: string;
  readonly constraint?: string;
}

/** Whether an error is the server's word, and no fault of the connection. */
export function isServerError(error: Error): error is ServerError {
  return !(error instanceof PostgresError) && (error as ServerError).severity !== undefined;
}

export function postgresErrorOf(error: ServerError): PostgresError {
  const { message, code = "XX000", severity, detail, hint, position, where, schema, table, column } = error;
  const Class = CLASSES[code] ?? CLASSES[code.slice(0, 2)] ?? PostgresError;
  return new Class(message, {
    sqlstate: code,
    severity,
    detail,
    hint,
    position,
    where,
    schemaName: schema,
    tableName: table,
    columnName: column,
    dataTypeName: error.dataType,
    constraintName: error.constraint,
  });
}

/** The error for a connection that has ended; `cause` says why. */
export function connectionLost(cause: Error): PostgresConnectionError {
  const known = isServerError(cause) ? postgresErrorOf(cause) : cause;
  return new PostgresConnectionError(`Lost the connection: ${known.message}`, { sqlstate: "08006" }, { cause: known });
}
