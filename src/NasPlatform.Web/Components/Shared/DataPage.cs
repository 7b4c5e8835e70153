using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using NasPlatform.Search;
using NasPlatform.Web.Accounts;

namespace NasPlatform.Web.Components.Shared;

/// <summary>
/// A page that shows data: it knows who looks, loads again when its address changes or, live, every so often, and holds a sentence for people when that failed. It is rendered
/// only once it has its data, so nothing flickers when a circuit takes over what the server rendered.
/// </summary>
public abstract class DataPage : ComponentBase, IAsyncDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private string? _path;
    private Task? _refreshing;
    private Task? _reloading;

    [Inject]
    protected NavigationManager Navigation { get; set; } = null!; // set by the framework, as all below

    [Inject]
    protected TimeProvider Time { get; set; } = null!;

    [Inject]
    protected Browser Browser { get; set; } = null!;

    [Inject]
    private ILogger<DataPage> Log { get; set; } = null!;

    [CascadingParameter]
    private Task<AuthenticationState>? Authentication { get; set; }

    /// <summary>The request, while the page is rendered for it; null on a circuit.</summary>
    [CascadingParameter]
    protected HttpContext? Http { get; set; }

    /// <summary>Whether anybody may look, signed in or not; then there is no <see cref="Caller"/>.</summary>
    protected virtual bool IsPublic => false;

    /// <summary>Who looks.</summary>
    protected Caller Caller { get; private set; } = null!; // set before anything is loaded

    /// <summary>Why the page could not be loaded, for people; null where it could.</summary>
    protected string? Problem { get; private set; }

    /// <summary>Whether there is no such object, or none that the caller may see.</summary>
    protected bool IsMissing { get; private set; }

    /// <summary>Cancelled when the page is left.</summary>
    protected CancellationToken Leaving => _leaving.Token;

    /// <summary>How often a live page looks whether to load again; null for never.</summary>
    protected virtual TimeSpan? RefreshEvery => null;

    /// <summary>Whether there is something that changes by itself, so that looking is worth it.</summary>
    protected virtual bool IsMoving => true;

    /// <summary>The parameters of the page's address.</summary>
    protected IReadOnlyDictionary<string, StringValues> Query => QueryHelpers.ParseQuery(new Uri(Navigation.Uri).Query);

    public override async Task SetParametersAsync(ParameterView parameters)
    {
        parameters.SetParameterProperties(this);
        if (_path is null)
        {
            Navigation.LocationChanged += OnLocationChanged;
        }

        _path = PathOf(Navigation.Uri);

        await ReloadAsync();
        await base.SetParametersAsync(ParameterView.Empty);
    }

    public async ValueTask DisposeAsync()
    {
        Navigation.LocationChanged -= OnLocationChanged;
        await _leaving.CancelAsync();
        await (_refreshing ?? Task.CompletedTask);
        await (_reloading ?? Task.CompletedTask);

        await LeaveAsync();
        _leaving.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Reads what the page shows.</summary>
    protected abstract Task LoadAsync(CancellationToken cancellation);

    /// <summary>Lets go of what the page holds.</summary>
    protected virtual ValueTask LeaveAsync() => ValueTask.CompletedTask;

    /// <summary>Loads again and says what went wrong, if anything did.</summary>
    protected Task ReloadAsync() => TryAsync(LoadAsync);

    /// <summary>Reads something and says what went wrong, if anything did.</summary>
    protected async Task TryAsync(Func<CancellationToken, Task> read)
    {
        try
        {
            if (!IsPublic && Authentication is { } authentication)
            {
                Caller = (await authentication).User.ToCaller();
            }

            await read(Leaving);
            (Problem, IsMissing) = (null, false);
        }
        catch (RefusedException refusal)
        {
            (Problem, IsMissing) = (refusal.Message, refusal.Refusal == Refusal.NotFound);
            if (Http is { Response.HasStarted: false })
            {
                Http.Response.StatusCode = Answer.To(refusal).Status;
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            if (error is not UserErrorException)
            {
                PageLog.NotLoaded(Log, GetType().Name, error);
            }

            (Problem, IsMissing) = (error is UserErrorException ? error.Message : "The data could not be read. The reason is in the server's log.", false);
        }
        catch (OperationCanceledException)
        {
            // The page is being left.
        }
    }

    /// <summary>Does what a button asks for and loads again. What is refused is said in a corner.</summary>
    /// <returns>Whether it was done.</returns>
    protected async Task<bool> DoAsync(Func<Task> action, string? done = null)
    {
        try
        {
            await action();
        }
        catch (Exception error) when (error is RefusedException or UserErrorException)
        {
            await Browser.SayAsync(error.Message);
            return false;
        }

        if (done is not null)
        {
            await Browser.SayAsync(done);
        }

        await ReloadAsync();
        StateHasChanged();
        return true;
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender && RefreshEvery is { } interval)
        {
            _refreshing = RefreshAsync(interval);
        }
    }

    private static string PathOf(string uri) => new Uri(uri).AbsolutePath;

    private async Task RefreshAsync(TimeSpan interval)
    {
        using var timer = new PeriodicTimer(interval, Time);
        try
        {
            while (await timer.WaitForNextTickAsync(Leaving))
            {
                await InvokeAsync(async () =>
                {
                    if (IsMoving)
                    {
                        await ReloadAsync();
                        StateHasChanged();
                    }
                });
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            // The page is being left.
        }
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change)
    {
        if (PathOf(change.Location) == _path)
        {
            _reloading = InvokeAsync(async () =>
            {
                await ReloadAsync();
                StateHasChanged();
            });
        }
    }
}

/// <summary>Log lines of pages.</summary>
internal static partial class PageLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "{Page} could not load its data")]
    public static partial void NotLoaded(ILogger log, string page, Exception error);
}
