using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Store;

public sealed class SqliteStoreTests() : StoreContract(TestDatabase.Sqlite);

public sealed class PostgresStoreTests() : StoreContract(TestDatabase.Postgres);
