// The door `wasyncio/postgres`: PostgreSQL by asyncpg's names, over node-postgres.

export { Connection, connect } from "./connection.ts";
export { Pool, createPool, type ConnectionPoolOptions } from "./pool.ts";
export type { ConnectOptions } from "./options.ts";
export type { Row } from "./shapes.ts";
export { Transaction, type Isolation, type TransactionOptions } from "./transaction.ts";
export { Cursor, type CursorOptions } from "./cursor.ts";
export { PreparedStatement } from "./prepared-statement.ts";
export { Notifications, type Notification } from "./notifications.ts";
export {
  CheckViolationError,
  DataError,
  DeadlockDetectedError,
  ForeignKeyViolationError,
  InFailedSQLTransactionError,
  IntegrityConstraintViolationError,
  InterfaceError,
  InvalidAuthorizationSpecificationError,
  NotNullViolationError,
  PostgresConnectionError,
  PostgresError,
  QueryCanceledError,
  SerializationError,
  SyntaxOrAccessError,
  TransactionRollbackError,
  UndefinedTableError,
  UniqueViolationError,
} from "./errors.ts";
