using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Search;
using NasPlatform.Search.Experiments;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Experiments;
using NasPlatform.Web.Experiments.Method;
using NasPlatform.Web.Lists;
using NasPlatform.Web.Live;
using NasPlatform.Web.Progress;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Api;

/// <summary>Experiments: lists, start, what people do with one, its log.</summary>
internal static class ExperimentEndpoints
{
    private const int LongestKey = 200;

    public static void MapExperiments(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/experiments").WithTags("Experiments");
        group.MapGet("", ListAsync).WithSummary("Lists experiments")
            .WithDescription("Parameters: search, state (several, by commas), dataset, space, strategy, origin, mine, sort, order (asc or desc), page, size (at most 500).");
        routes.MapGet("/experiments.csv", (HttpContext http, PlatformStore store) => DownloadAsync(http, store, isCsv: true)).WithTags("Experiments")
            .WithSummary("Downloads experiments as CSV").WithDescription("The parameters of the list, except page and size: all rows are sent.");
        routes.MapGet("/experiments.json", (HttpContext http, PlatformStore store) => DownloadAsync(http, store, isCsv: false)).WithTags("Experiments")
            .WithSummary("Downloads experiments as JSON").WithDescription("The parameters of the list, except page and size: all rows are sent.");
        group.MapPost("", StartAsync).WithSummary("Starts an experiment")
            .WithDescription("Repeating one with changes is this with its spec changed. With an Idempotency-Key header, a repeated request starts nothing twice and is answered as the first was.");
        group.MapGet("/{id:guid}", GetAsync).WithName("Experiment").WithSummary("An experiment with its spec");
        group.MapGet("/{id:guid}/spec", SpecAsync).WithSummary("An experiment's spec").WithDescription("As it was given and extended; nas search and a new experiment take it.");
        group.MapGet("/{id:guid}/method", MethodAsync).WithSummary("What the strategy makes of the trials that it was told")
            .WithDescription("A policy's probabilities and entropies, a population with each trial's parent, or a predictor's words beside what came of them; derived by telling the trials again. isComplete is false while that goes on: ask again.");
        group.MapPatch("/{id:guid}", ChangeAsync).WithSummary("Renames an experiment or changes who sees it");
        MapAction(group, "pause", "Pauses an experiment", (actions, caller, id, cancellation) => actions.PauseAsync(caller, id, cancellation));
        MapAction(group, "resume", "Goes on with a paused, failed or cancelled experiment", (actions, caller, id, cancellation) => actions.ResumeAsync(caller, id, cancellation));
        MapAction(group, "cancel", "Stops an experiment for good; what was found is kept", (actions, caller, id, cancellation) => actions.CancelAsync(caller, id, cancellation));
        MapAction(group, "finish", "Ends the search now and trains the best in full", (actions, caller, id, cancellation) => actions.FinishAsync(caller, id, cancellation));
        group.MapPost("/{id:guid}/extend", ExtendAsync).WithSummary("Adds trials or minutes").WithDescription("An experiment that had ended goes on.");
        group.MapDelete("/{id:guid}", DeleteAsync).WithSummary("Deletes an experiment with everything that belongs to it");
        group.MapGet("/{id:guid}/events", EventsAsync).WithSummary("What happened in an experiment after an event")
            .WithDescription("Oldest first, a thousand at most; ask again with the last number until there are none. The hub /live tells them as they happen.");
    }

    private static async Task<Ok<MethodView>> MethodAsync(Guid id, HttpContext http, PlatformStore store, MethodReading methods, CancellationToken cancellation)
    {
        await using var context = store.Open();
        var experiment = await context.Experiments.VisibleTo(http.GetCaller()).SingleOrDefaultAsync(experiment => experiment.Id == id, cancellation) ?? throw RefusedException.NotFound("experiment");
        return TypedResults.Ok(await methods.ReadAsync(id, experiment.ReadSpec(), cancellation));
    }

    private static async Task<Ok<ListPage<ExperimentRow>>> ListAsync(HttpContext http, PlatformStore store, CancellationToken cancellation)
    {
        await using var context = store.Open();
        return TypedResults.Ok(await ExperimentList.PageAsync(context, http.GetCaller(), ExperimentQuery.Parse(http.Request.Query), cancellation));
    }

    private static async Task DownloadAsync(HttpContext http, PlatformStore store, bool isCsv)
    {
        await using var context = store.Open();
        var rows = ExperimentList.Rows(context, http.GetCaller(), ExperimentQuery.Parse(http.Request.Query)).AsAsyncEnumerable();
        await RowDownload.WriteAsync(http, "experiments", isCsv, rows);
    }

    private static async Task<Created<ExperimentView>> StartAsync(
        NewExperiment given, [FromHeader(Name = "Idempotency-Key")] string? key, HttpContext http, ExperimentActions actions, PlatformStore store, CancellationToken cancellation)
    {
        var caller = http.GetCaller();
        if (key?.Length > LongestKey)
        {
            throw new UserErrorException($"The Idempotency-Key has {key.Length} characters; it may have {LongestKey}.");
        }

        var id = await actions.StartAsync(caller, given.Spec, given.Name, given.Visibility, key is null ? null : IdFor(caller, key), cancellation);
        await using var context = store.Open();
        var view = await ExperimentView.LoadAsync(context, caller, id, cancellation);
        if (key is not null && SpecJson.Write(given.Spec) != await context.Experiments.Where(experiment => experiment.Id == id).Select(experiment => experiment.Spec).SingleAsync(cancellation))
        {
            throw RefusedException.Conflict($"The Idempotency-Key was used for another experiment, '{view.Summary.Name}'; use a new one for each.");
        }

        return TypedResults.Created($"/api/v1/experiments/{id}", view);
    }

    private static async Task<Ok<ExperimentView>> GetAsync(Guid id, HttpContext http, PlatformStore store, CancellationToken cancellation)
    {
        await using var context = store.Open();
        return TypedResults.Ok(await ExperimentView.LoadAsync(context, http.GetCaller(), id, cancellation));
    }

    private static async Task<ContentHttpResult> SpecAsync(Guid id, HttpContext http, PlatformStore store, CancellationToken cancellation)
    {
        await using var context = store.Open();
        var spec = await context.Experiments.VisibleTo(http.GetCaller()).Where(experiment => experiment.Id == id).Select(experiment => experiment.Spec).SingleOrDefaultAsync(cancellation)
            ?? throw RefusedException.NotFound("experiment");
        return TypedResults.Text(spec, "application/json");
    }

    private static async Task<Ok<ExperimentView>> ChangeAsync(
        Guid id, ExperimentChange change, HttpContext http, ExperimentActions actions, PlatformStore store, CancellationToken cancellation)
    {
        if (change is { Name: null, Visibility: null })
        {
            throw new UserErrorException("Say what is to change: name, visibility or both.");
        }

        if (change.Name is { } name)
        {
            await actions.RenameAsync(http.GetCaller(), id, name, cancellation);
        }

        if (change.Visibility is { } visibility)
        {
            await actions.SetVisibilityAsync(http.GetCaller(), id, visibility, cancellation);
        }

        return await GetAsync(id, http, store, cancellation);
    }

    private static async Task<Ok<ExperimentView>> ExtendAsync(
        Guid id, Extension extension, HttpContext http, ExperimentActions actions, PlatformStore store, CancellationToken cancellation)
    {
        await actions.ExtendAsync(http.GetCaller(), id, extension.Trials, extension.Minutes, cancellation);
        return await GetAsync(id, http, store, cancellation);
    }

    private static async Task<NoContent> DeleteAsync(Guid id, HttpContext http, ExperimentActions actions, CancellationToken cancellation)
    {
        await actions.DeleteAsync(http.GetCaller(), id, cancellation);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<IReadOnlyList<LiveEvent>>> EventsAsync(Guid id, HttpContext http, PlatformStore store, LiveFeed feed, CancellationToken cancellation, long since = 0)
    {
        await using var context = store.Open();
        await context.DemandVisibleAsync(http.GetCaller(), id, cancellation);
        return TypedResults.Ok<IReadOnlyList<LiveEvent>>([.. (await feed.ReadAsync(id, since, cancellation)).Select(LiveEvent.Of)]);
    }

    private static void MapAction(IEndpointRouteBuilder group, string verb, string summary, Func<ExperimentActions, Caller, Guid, CancellationToken, Task> act) =>
        group.MapPost($"/{{id:guid}}/{verb}", async (Guid id, HttpContext http, ExperimentActions actions, PlatformStore store, CancellationToken cancellation) =>
        {
            await act(actions, http.GetCaller(), id, cancellation);
            return await GetAsync(id, http, store, cancellation);
        }).WithSummary(summary);

    /// <summary>The same for the same caller and key, and nobody else's.</summary>
    private static Guid IdFor(Caller caller, string key) => new(SHA256.HashData(Encoding.UTF8.GetBytes($"{caller.UserId}\n{key}")).AsSpan(0, 16));
}

/// <summary>An experiment to start.</summary>
/// <param name="Spec">What is searched, how and for how long; only the dataset must be given.</param>
/// <param name="Name">Null: made of the dataset, the space and the strategy.</param>
/// <param name="Visibility">Who sees it.</param>
internal sealed record NewExperiment(ExperimentSpec Spec, string? Name = null, Visibility Visibility = Visibility.Team);

/// <summary>What is to change; null for what stays.</summary>
internal sealed record ExperimentChange(string? Name = null, Visibility? Visibility = null);

/// <summary>What is to be added to an experiment's budget; at least one of them.</summary>
internal sealed record Extension(int? Trials = null, double? Minutes = null);
