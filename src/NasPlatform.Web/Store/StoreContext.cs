using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace NasPlatform.Web.Store;

/// <summary>The database: SQLite or PostgreSQL, the same model and the same migrations on both. Read with it; change through <see cref="PlatformStore"/>.</summary>
public sealed class StoreContext(DbContextOptions<StoreContext> options) : IdentityUserContext<User, Guid>(options), IDataProtectionKeyContext
{
    private readonly List<Happening> _happenings = [];

    public DbSet<StoredExperiment> Experiments => Set<StoredExperiment>();

    public DbSet<StoredTrial> Trials => Set<StoredTrial>();

    public DbSet<MetricPoint> MetricPoints => Set<MetricPoint>();

    public DbSet<StoredSupernetEpoch> SupernetEpochs => Set<StoredSupernetEpoch>();

    public DbSet<StoredEvent> Events => Set<StoredEvent>();

    public DbSet<StoredJob> Jobs => Set<StoredJob>();

    public DbSet<Attempt> Attempts => Set<Attempt>();

    public DbSet<StoredDataset> Datasets => Set<StoredDataset>();

    public DbSet<Upload> Uploads => Set<Upload>();

    public DbSet<StoredModel> Models => Set<StoredModel>();

    public DbSet<Artifact> Artifacts => Set<Artifact>();

    public DbSet<ShareLink> ShareLinks => Set<ShareLink>();

    public DbSet<AccessToken> AccessTokens => Set<AccessToken>();

    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();

    public DbSet<Node> Nodes => Set<Node>();

    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    /// <summary>What happened in this unit of work, to be numbered when it is saved.</summary>
    internal IReadOnlyList<Happening> Happenings => _happenings;

    /// <summary>Milliseconds since 1970 on the database's clock, in a query: leases are judged by it alone, so that machines need not agree on the time.</summary>
    public static long NowMs() => throw new InvalidOperationException("Only the database knows its time; use this in a query.");

    /// <summary>Records something that happened in an experiment; it gets its number when the unit of work is saved.</summary>
    /// <param name="text">A sentence for people, without names of machines or paths.</param>
    /// <param name="trial">The trial that it is about; 0 for the final training, null for the experiment.</param>
    public void Happened(Guid experimentId, EventKind kind, string text, int? trial = null) => _happenings.Add(new(experimentId, kind, text, trial));

    /// <summary>
    /// An experiment's row, locked until the unit of work is committed. Each unit of work about an experiment begins with this, so that they come one after another: what
    /// one counts or decides by, no other changes meanwhile. On SQLite every unit of work is alone anyway.
    /// </summary>
    /// <returns>Tracked; null when there is none, or none any more.</returns>
    public async Task<StoredExperiment?> LockExperimentAsync(Guid id, CancellationToken cancellation)
    {
        var rows = Database.IsNpgsql()
            ? Experiments.FromSql($"""SELECT * FROM "Experiments" WHERE "Id" = {id} FOR NO KEY UPDATE""")
            : Experiments.Where(experiment => experiment.Id == id);
        return (await rows.AsTracking().ToListAsync(cancellation)).SingleOrDefault();
    }

    internal void ForgetHappenings() => _happenings.Clear();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);

        // SQLite can neither order nor compare DateTimeOffset; UTC ticks can be on both.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicks>();
        configurationBuilder.Properties<Enum>().HaveConversion<string>().HaveMaxLength(32);
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        var now = Database.IsNpgsql()
            ? "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS bigint)"
            : "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
        builder.HasDbFunction(() => NowMs()).HasTranslation(_ => new SqlFragmentExpression(now, typeof(long), null));

        builder.Entity<StoredExperiment>(entity =>
        {
            entity.Property(experiment => experiment.Name).HasMaxLength(200);
            entity.Property(experiment => experiment.Dataset).HasMaxLength(100);
            entity.Property(experiment => experiment.Space).HasMaxLength(100);
            entity.Property(experiment => experiment.Strategy).HasMaxLength(100);
            entity.HasIndex(experiment => experiment.CreatedAt);
            entity.HasIndex(experiment => experiment.State);
        });
        builder.Entity<StoredTrial>(entity =>
        {
            entity.HasKey(trial => new { trial.ExperimentId, trial.Number });
            entity.HasOne<StoredExperiment>().WithMany().HasForeignKey(trial => trial.ExperimentId);
            entity.Property(trial => trial.Key).HasMaxLength(128);
            entity.HasIndex(trial => new { trial.ExperimentId, trial.Score });
            entity.HasIndex(trial => trial.ProposedAt);
        });
        builder.Entity<MetricPoint>(entity =>
        {
            entity.HasKey(point => new { point.ExperimentId, point.TrialNumber, point.Token, point.Epoch });
            entity.HasOne<StoredExperiment>().WithMany().HasForeignKey(point => point.ExperimentId);
        });
        builder.Entity<StoredSupernetEpoch>(entity =>
        {
            entity.HasKey(epoch => new { epoch.ExperimentId, epoch.Epoch });
            entity.HasOne<StoredExperiment>().WithMany().HasForeignKey(epoch => epoch.ExperimentId);
        });
        builder.Entity<StoredEvent>(entity =>
        {
            entity.HasKey(happened => new { happened.ExperimentId, happened.Sequence });
            entity.HasOne<StoredExperiment>().WithMany().HasForeignKey(happened => happened.ExperimentId);
        });
        builder.Entity<StoredJob>(entity =>
        {
            entity.Property(job => job.Group).HasMaxLength(32);
            entity.Property(job => job.Owner).HasMaxLength(200);
            entity.HasIndex(job => job.State);
            entity.HasIndex(job => new { job.ExperimentId, job.Kind, job.TrialNumber });
            entity.HasOne<StoredExperiment>().WithMany().HasForeignKey(job => job.ExperimentId);
            entity.HasOne<StoredDataset>().WithMany().HasForeignKey(job => job.DatasetId);
        });
        builder.Entity<Attempt>(entity =>
        {
            entity.HasKey(attempt => new { attempt.JobId, attempt.Token });
            entity.HasOne<StoredJob>().WithMany().HasForeignKey(attempt => attempt.JobId);
            entity.Property(attempt => attempt.Node).HasMaxLength(200);
        });
        builder.Entity<StoredDataset>(entity =>
        {
            entity.Property(dataset => dataset.Name).HasMaxLength(100);
            entity.HasIndex(dataset => dataset.Name).IsUnique();
        });
        builder.Entity<Upload>().Property(upload => upload.FileName).HasMaxLength(260);
        builder.Entity<StoredModel>(entity =>
        {
            entity.Property(model => model.Name).HasMaxLength(200);
            entity.HasIndex(model => model.ExperimentId);
            entity.HasIndex(model => model.CreatedAt);
            entity.HasOne<StoredExperiment>().WithMany().HasForeignKey(model => model.ExperimentId);
        });
        builder.Entity<Artifact>(entity =>
        {
            entity.Property(artifact => artifact.FileName).HasMaxLength(100);
            entity.Property(artifact => artifact.Format).HasMaxLength(32);
            entity.Property(artifact => artifact.Sha256).HasMaxLength(64);
            entity.HasIndex(artifact => artifact.ModelId);
            entity.HasIndex(artifact => artifact.Sha256);
            entity.HasOne<StoredModel>().WithMany().HasForeignKey(artifact => artifact.ModelId);
        });
        builder.Entity<ShareLink>(entity =>
        {
            entity.Property(link => link.TokenHash).HasMaxLength(64);
            entity.HasIndex(link => link.TokenHash).IsUnique();
            entity.HasIndex(link => link.ExperimentId);
            entity.HasOne<StoredExperiment>().WithMany().HasForeignKey(link => link.ExperimentId);
        });
        builder.Entity<User>(entity =>
        {
            entity.ToTable("Users");
            entity.Property(user => user.DisplayName).HasMaxLength(100);
        });
        builder.Entity<Microsoft.AspNetCore.Identity.IdentityUserClaim<Guid>>().ToTable("UserClaims");
        builder.Entity<Microsoft.AspNetCore.Identity.IdentityUserLogin<Guid>>().ToTable("UserLogins");
        builder.Entity<Microsoft.AspNetCore.Identity.IdentityUserToken<Guid>>().ToTable("UserTokens");
        builder.Entity<AccessToken>(entity =>
        {
            entity.Property(token => token.Name).HasMaxLength(100);
            entity.Property(token => token.TokenHash).HasMaxLength(64);
            entity.HasIndex(token => token.TokenHash).IsUnique();
            entity.HasOne<User>().WithMany().HasForeignKey(token => token.UserId);
        });
        builder.Entity<AuditEntry>(entity =>
        {
            entity.Property(entry => entry.Action).HasMaxLength(64);
            entity.Property(entry => entry.Subject).HasMaxLength(200);
            entity.Property(entry => entry.RemoteAddress).HasMaxLength(64);
            entity.HasIndex(entry => entry.At);
        });
        builder.Entity<Node>(entity =>
        {
            entity.Property(node => node.Id).HasMaxLength(200);
            entity.Property(node => node.Machine).HasMaxLength(100);
            entity.Property(node => node.Groups).HasMaxLength(200);
        });
    }

    /// <summary>Something that happened, before it has its number.</summary>
    internal sealed record Happening(Guid ExperimentId, EventKind Kind, string Text, int? Trial);

    private sealed class UtcTicks() : ValueConverter<DateTimeOffset, long>(time => time.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
}
