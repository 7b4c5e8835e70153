using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace NasPlatform.Web.Store.Migrations;

/// <summary>What supernets of one-shot strategies learn, epoch by epoch, and what they find.</summary>
[DbContext(typeof(StoreContext))]
[Migration("20261129150000_Supernets")]
internal sealed class Supernets : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<string>(name: "Derived", table: "Experiments", nullable: true);
        migrationBuilder.CreateTable(
            name: "SupernetEpochs",
            columns: table => new
            {
                ExperimentId = table.Column<Guid>(nullable: false),
                Epoch = table.Column<int>(nullable: false),
                Told = table.Column<string>(nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_SupernetEpochs", row => new { row.ExperimentId, row.Epoch });
                table.ForeignKey("FK_SupernetEpochs_Experiments_ExperimentId", row => row.ExperimentId, "Experiments", "Id", onDelete: ReferentialAction.Cascade);
            });
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable("SupernetEpochs");
        migrationBuilder.DropColumn(name: "Derived", table: "Experiments");
    }
}
