using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace NasPlatform.Tests.Support;

/// <summary>Components as the HTML that a browser gets.</summary>
public static class Rendering
{
    /// <param name="time">The clock; default the system's.</param>
    /// <param name="parameters">Of the component, by name.</param>
    public static async Task<string> HtmlAsync<T>(TimeProvider? time = null, params (string Name, object? Value)[] parameters)
        where T : IComponent
    {
        await using var services = new ServiceCollection().AddLogging().AddSingleton(time ?? TimeProvider.System).BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<T>(ParameterView.FromDictionary(parameters.ToDictionary(pair => pair.Name, pair => pair.Value)))).ToHtmlString());
    }

    /// <summary>Content for a component that takes some.</summary>
    public static RenderFragment Content(string html) => builder => builder.AddMarkupContent(0, html);
}
