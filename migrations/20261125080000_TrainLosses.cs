using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace NasPlatform.Web.Store.Migrations;

/// <summary>The training loss within each epoch.</summary>
[DbContext(typeof(StoreContext))]
[Migration("20261125080000_TrainLosses")]
internal sealed class TrainLosses : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.AddColumn<string>(name: "TrainLosses", table: "MetricPoints", nullable: true);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropColumn(name: "TrainLosses", table: "MetricPoints");
}
