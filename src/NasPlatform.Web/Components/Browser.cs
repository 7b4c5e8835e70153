using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace NasPlatform.Web.Components;

/// <summary>What components ask of the browser's scripts.</summary>
public sealed class Browser(IJSRuntime scripts, WebFiles files) : IAsyncDisposable
{
    private IJSObjectReference? _shell;
    private IJSObjectReference? _charts;

    /// <summary>Says something in passing, in a corner; readers of screens hear it.</summary>
    public async ValueTask SayAsync(string text) => await (await ShellAsync()).InvokeVoidAsync("say", text);

    public async ValueTask OpenDialogAsync(ElementReference dialog) => await (await ShellAsync()).InvokeVoidAsync("openDialog", dialog);

    public async ValueTask CloseDialogAsync(ElementReference dialog) => await (await ShellAsync()).InvokeVoidAsync("closeDialog", dialog);

    public async ValueTask<IJSObjectReference> OpenChartAsync(ElementReference element, string option)
    {
        _charts ??= await ImportAsync("js/charts.js");
        return await _charts.InvokeAsync<IJSObjectReference>("open", element, option);
    }

    /// <summary>Loads one of our modules, by its path below wwwroot.</summary>
    public ValueTask<IJSObjectReference> ImportAsync(string path) => scripts.InvokeAsync<IJSObjectReference>("import", files[path]);

    /// <summary>Lets go of an object that may have a <c>close</c> function of its own, in a page that may be gone already.</summary>
    public async ValueTask ForgetAsync(IJSObjectReference? reference)
    {
        if (reference is null)
        {
            return;
        }

        try
        {
            await reference.InvokeVoidAsync("close");
            await reference.DisposeAsync();
        }
        catch (Exception error) when (error is JSDisconnectedException or OperationCanceledException or JSException)
        {
            // The page is gone, and what it held with it.
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var module in new[] { _shell, _charts })
        {
            try
            {
                if (module is not null)
                {
                    await module.DisposeAsync();
                }
            }
            catch (Exception error) when (error is JSDisconnectedException or OperationCanceledException)
            {
                // The page is gone.
            }
        }
    }

    private async ValueTask<IJSObjectReference> ShellAsync() => _shell ??= await ImportAsync("js/shell.js");
}
