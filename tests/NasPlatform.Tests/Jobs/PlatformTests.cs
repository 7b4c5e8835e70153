using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Jobs;

public sealed class SqlitePlatformTests(SharedPlatform shared) : PlatformContract(shared, TestDatabase.Sqlite), IClassFixture<SharedPlatform>;

public sealed class PostgresPlatformTests(SharedPlatform shared) : PlatformContract(shared, TestDatabase.Postgres), IClassFixture<SharedPlatform>;
