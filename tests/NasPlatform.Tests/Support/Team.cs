using NasPlatform.Web.Accounts;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Support;

/// <summary>A platform with accounts that only serves, and people of every role; all have the same password.</summary>
public sealed class Team : IAsyncLifetime
{
    public const string Password = "a long enough password";

    private readonly List<Visitor> _visitors = [];
    private PlatformFixture? _platform;

    internal PlatformFixture Platform => _platform ?? throw new InvalidOperationException("Not started.");

    internal Caller Administrator { get; private set; } = null!; // set before the first test, as all below

    internal Caller Owner { get; private set; } = null!;

    internal Caller Other { get; private set; } = null!;

    internal Caller Viewer { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _platform = await PlatformFixture.StartAsync(isLocal: false, worker: _ => null);
        Administrator = await AddAsync("administrator", Role.Administrator);
        Owner = await AddAsync("owner", Role.Member);
        Other = await AddAsync("other", Role.Member);
        Viewer = await AddAsync("viewer", Role.Viewer);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var visitor in _visitors)
        {
            visitor.Dispose();
        }

        await Platform.DisposeAsync();
    }

    public static string EmailOf(string name) => $"{name}@example.org";

    internal async Task<Caller> AddAsync(string name, Role role)
    {
        var user = new User { Id = Guid.CreateVersion7(), DisplayName = name, Email = EmailOf(name), UserName = EmailOf(name), Role = role, CreatedAt = TimeProvider.System.GetUtcNow() };
        var result = await Platform.Get<AccountChanges>().RunAsync((users, _, _) => users.CreateAsync(user, Password), TestContext.Current.CancellationToken);
        Assert.True(result.Succeeded, string.Join(' ', result.Errors.Select(error => error.Description)));
        return new(user.Id, role, name);
    }

    public Visitor Stranger()
    {
        var visitor = new Visitor(Platform.Address);
        _visitors.Add(visitor);
        return visitor;
    }

    internal async Task<Visitor> SignedInAsync(Caller caller)
    {
        var visitor = Stranger();
        var answer = await visitor.SignInAsync(EmailOf(caller.Name), Password);
        Assert.True(answer.Status == System.Net.HttpStatusCode.Found, $"Signing in as {caller.Name} was answered {answer.Status}.");
        return visitor;
    }
}
