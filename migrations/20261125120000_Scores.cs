using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace NasPlatform.Web.Store.Migrations;

/// <summary>Accuracies become scores, which other tasks than classification have too, and an experiment says what its task is.</summary>
[DbContext(typeof(StoreContext))]
[Migration("20261125120000_Scores")]
internal sealed class Scores : Migration
{
    private static readonly (string Table, string Before, string After)[] Columns =
    [
        ("Trials", "Accuracy", "Score"), ("MetricPoints", "Accuracy", "Score"), ("Experiments", "BestAccuracy", "BestScore"),
        ("Experiments", "TestAccuracy", "TestScore"), ("Models", "TestAccuracy", "TestScore"),
    ];

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        foreach (var (table, before, after) in Columns)
        {
            migrationBuilder.RenameColumn(before, table, after);
        }

        // SQLite renames no index.
        migrationBuilder.DropIndex("IX_Trials_ExperimentId_Accuracy", "Trials");
        migrationBuilder.CreateIndex("IX_Trials_ExperimentId_Score", "Trials", ["ExperimentId", "Score"]);
        migrationBuilder.AddColumn<string>(name: "Task", table: "Experiments", maxLength: 32, nullable: true);
        migrationBuilder.AddColumn<string>(name: "Task", table: "Models", maxLength: 32, nullable: true);
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropColumn("Task", "Models");
        migrationBuilder.DropColumn("Task", "Experiments");
        migrationBuilder.DropIndex("IX_Trials_ExperimentId_Score", "Trials");
        foreach (var (table, before, after) in Columns)
        {
            migrationBuilder.RenameColumn(after, table, before);
        }

        migrationBuilder.CreateIndex("IX_Trials_ExperimentId_Accuracy", "Trials", ["ExperimentId", "Accuracy"]);
    }
}
