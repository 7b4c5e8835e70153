using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace NasPlatform.Web.Store.Migrations;

/// <summary>Strategies may choose for how many epochs a trial is trained.</summary>
[DbContext(typeof(StoreContext))]
[Migration("20261129140000_Fidelities")]
internal sealed class Fidelities : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<int>(name: "Epochs", table: "Trials", nullable: true);
        migrationBuilder.AddColumn<int>(name: "BestEpochs", table: "Experiments", nullable: true);
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropColumn(name: "BestEpochs", table: "Experiments");
        migrationBuilder.DropColumn(name: "Epochs", table: "Trials");
    }
}
