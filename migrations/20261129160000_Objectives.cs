using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace NasPlatform.Web.Store.Migrations;

/// <summary>Networks have a latency and a memory, and the best trial may be chosen by a reward of score and cost.</summary>
[DbContext(typeof(StoreContext))]
[Migration("20261129160000_Objectives")]
internal sealed class Objectives : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<double>(name: "LatencyMs", table: "Trials", nullable: true);
        migrationBuilder.AddColumn<long>(name: "MemoryBytes", table: "Trials", nullable: true);
        migrationBuilder.AddColumn<double>(name: "BestReward", table: "Experiments", nullable: true);
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropColumn(name: "BestReward", table: "Experiments");
        migrationBuilder.DropColumn(name: "MemoryBytes", table: "Trials");
        migrationBuilder.DropColumn(name: "LatencyMs", table: "Trials");
    }
}
