using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace NasPlatform.Web.Store.Migrations;

/// <summary>Datasets that are no images: what is learnt from each, and what is predicted. The next start of a server fills both in from the reports.</summary>
[DbContext(typeof(StoreContext))]
[Migration("20261125130000_DatasetTasks")]
internal sealed class DatasetTasks : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.RenameColumn(name: "ImageCount", table: "Datasets", newName: "ExampleCount");
        migrationBuilder.AddColumn<string>(name: "Task", table: "Datasets", maxLength: 32, nullable: true);
        migrationBuilder.AddColumn<string>(name: "Predicts", table: "Datasets", nullable: true);
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropColumn(name: "Predicts", table: "Datasets");
        migrationBuilder.DropColumn(name: "Task", table: "Datasets");
        migrationBuilder.RenameColumn(name: "ExampleCount", table: "Datasets", newName: "ImageCount");
    }
}
