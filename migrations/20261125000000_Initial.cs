using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

namespace NasPlatform.Web.Store.Migrations;

/// <summary>The first schema. Column types are left to the provider, so that it serves SQLite and PostgreSQL alike.</summary>
[DbContext(typeof(StoreContext))]
[Migration("20261125000000_Initial")]
internal sealed class Initial : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            name: "AuditEntries",
            columns: table => new
            {
                Id = table.Column<Guid>(nullable: false),
                At = table.Column<long>(nullable: false),
                UserId = table.Column<Guid>(nullable: true),
                Action = table.Column<string>(maxLength: 64, nullable: false),
                Subject = table.Column<string>(maxLength: 200, nullable: true),
                Text = table.Column<string>(nullable: false),
                RemoteAddress = table.Column<string>(maxLength: 64, nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_AuditEntries", x => x.Id);
            });

        migrationBuilder.CreateTable(
            name: "DataProtectionKeys",
            columns: table => new
            {
                Id = table.Column<int>(nullable: false)
                    .Annotation("Sqlite:Autoincrement", true)
                    .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                FriendlyName = table.Column<string>(nullable: true),
                Xml = table.Column<string>(nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_DataProtectionKeys", x => x.Id);
            });

        migrationBuilder.CreateTable(
            name: "Datasets",
            columns: table => new
            {
                Id = table.Column<Guid>(nullable: false),
                Name = table.Column<string>(maxLength: 100, nullable: false),
                OwnerId = table.Column<Guid>(nullable: true),
                Visibility = table.Column<string>(maxLength: 32, nullable: false),
                State = table.Column<string>(maxLength: 32, nullable: false),
                Reason = table.Column<string>(nullable: true),
                CreatedAt = table.Column<long>(nullable: false),
                ReadyAt = table.Column<long>(nullable: true),
                UploadId = table.Column<Guid>(nullable: true),
                IngestOptions = table.Column<string>(nullable: true),
                ImageCount = table.Column<int>(nullable: false),
                ClassCount = table.Column<int>(nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Datasets", x => x.Id);
            });

        migrationBuilder.CreateTable(
            name: "Experiments",
            columns: table => new
            {
                Id = table.Column<Guid>(nullable: false),
                Name = table.Column<string>(maxLength: 200, nullable: false),
                OwnerId = table.Column<Guid>(nullable: true),
                Visibility = table.Column<string>(maxLength: 32, nullable: false),
                Spec = table.Column<string>(nullable: false),
                Dataset = table.Column<string>(maxLength: 100, nullable: false),
                Space = table.Column<string>(maxLength: 100, nullable: false),
                Strategy = table.Column<string>(maxLength: 100, nullable: false),
                Origin = table.Column<string>(maxLength: 32, nullable: false),
                State = table.Column<string>(maxLength: 32, nullable: false),
                Reason = table.Column<string>(nullable: true),
                Wish = table.Column<string>(maxLength: 32, nullable: false),
                CreatedAt = table.Column<long>(nullable: false),
                StartedAt = table.Column<long>(nullable: true),
                EndedAt = table.Column<long>(nullable: true),
                SearchSeconds = table.Column<double>(nullable: false),
                IsSearched = table.Column<bool>(nullable: false),
                TrialCount = table.Column<int>(nullable: false),
                EndedCount = table.Column<int>(nullable: false),
                BestTrial = table.Column<int>(nullable: true),
                BestAccuracy = table.Column<double>(nullable: true),
                FinalEpochs = table.Column<int>(nullable: true),
                TestAccuracy = table.Column<double>(nullable: true),
                Sequence = table.Column<long>(nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Experiments", x => x.Id);
            });

        migrationBuilder.CreateTable(
            name: "Nodes",
            columns: table => new
            {
                Id = table.Column<string>(maxLength: 200, nullable: false),
                Machine = table.Column<string>(maxLength: 100, nullable: false),
                Groups = table.Column<string>(maxLength: 200, nullable: false),
                Slots = table.Column<int>(nullable: false),
                StartedAt = table.Column<long>(nullable: false),
                SeenAt = table.Column<long>(nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Nodes", x => x.Id);
            });

        migrationBuilder.CreateTable(
            name: "Uploads",
            columns: table => new
            {
                Id = table.Column<Guid>(nullable: false),
                OwnerId = table.Column<Guid>(nullable: true),
                FileName = table.Column<string>(maxLength: 260, nullable: false),
                Length = table.Column<long>(nullable: false),
                Received = table.Column<long>(nullable: false),
                CreatedAt = table.Column<long>(nullable: false),
                LastReceivedAt = table.Column<long>(nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Uploads", x => x.Id);
            });

        migrationBuilder.CreateTable(
            name: "Users",
            columns: table => new
            {
                Id = table.Column<Guid>(nullable: false),
                DisplayName = table.Column<string>(maxLength: 100, nullable: false),
                Role = table.Column<string>(maxLength: 32, nullable: false),
                IsDisabled = table.Column<bool>(nullable: false),
                CreatedAt = table.Column<long>(nullable: false),
                LastSeenAt = table.Column<long>(nullable: true),
                UserName = table.Column<string>(maxLength: 256, nullable: true),
                NormalizedUserName = table.Column<string>(maxLength: 256, nullable: true),
                Email = table.Column<string>(maxLength: 256, nullable: true),
                NormalizedEmail = table.Column<string>(maxLength: 256, nullable: true),
                EmailConfirmed = table.Column<bool>(nullable: false),
                PasswordHash = table.Column<string>(nullable: true),
                SecurityStamp = table.Column<string>(nullable: true),
                ConcurrencyStamp = table.Column<string>(nullable: true),
                PhoneNumber = table.Column<string>(nullable: true),
                PhoneNumberConfirmed = table.Column<bool>(nullable: false),
                TwoFactorEnabled = table.Column<bool>(nullable: false),
                LockoutEnd = table.Column<long>(nullable: true),
                LockoutEnabled = table.Column<bool>(nullable: false),
                AccessFailedCount = table.Column<int>(nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Users", x => x.Id);
            });

        migrationBuilder.CreateTable(
            name: "Events",
            columns: table => new
            {
                ExperimentId = table.Column<Guid>(nullable: false),
                Sequence = table.Column<long>(nullable: false),
                At = table.Column<long>(nullable: false),
                Kind = table.Column<string>(maxLength: 32, nullable: false),
                TrialNumber = table.Column<int>(nullable: true),
                Text = table.Column<string>(nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Events", x => new { x.ExperimentId, x.Sequence });
                table.ForeignKey(
                    name: "FK_Events_Experiments_ExperimentId",
                    column: x => x.ExperimentId,
                    principalTable: "Experiments",
                    principalColumn: "Id",
                    onDelete: ReferentialAction.Cascade);
            });

        migrationBuilder.CreateTable(
            name: "Jobs",
            columns: table => new
            {
                Id = table.Column<Guid>(nullable: false),
                Kind = table.Column<string>(maxLength: 32, nullable: false),
                Group = table.Column<string>(maxLength: 32, nullable: false),
                ExperimentId = table.Column<Guid>(nullable: true),
                TrialNumber = table.Column<int>(nullable: true),
                DatasetId = table.Column<Guid>(nullable: true),
                State = table.Column<string>(maxLength: 32, nullable: false),
                Reason = table.Column<string>(nullable: true),
                CreatedAt = table.Column<long>(nullable: false),
                EndedAt = table.Column<long>(nullable: true),
                Owner = table.Column<string>(maxLength: 200, nullable: true),
                Token = table.Column<long>(nullable: false),
                LeaseUntil = table.Column<long>(nullable: false),
                NotBefore = table.Column<long>(nullable: false),
                AttemptCount = table.Column<int>(nullable: false),
                FailureCount = table.Column<int>(nullable: false),
                Progress = table.Column<string>(nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Jobs", x => x.Id);
                table.ForeignKey(
                    name: "FK_Jobs_Datasets_DatasetId",
                    column: x => x.DatasetId,
                    principalTable: "Datasets",
                    principalColumn: "Id");
                table.ForeignKey(
                    name: "FK_Jobs_Experiments_ExperimentId",
                    column: x => x.ExperimentId,
                    principalTable: "Experiments",
                    principalColumn: "Id");
            });

        migrationBuilder.CreateTable(
            name: "MetricPoints",
            columns: table => new
            {
                ExperimentId = table.Column<Guid>(nullable: false),
                TrialNumber = table.Column<int>(nullable: false),
                Token = table.Column<long>(nullable: false),
                Epoch = table.Column<int>(nullable: false),
                TrainLoss = table.Column<double>(nullable: true),
                TrainLossNonFinite = table.Column<string>(maxLength: 32, nullable: true),
                Accuracy = table.Column<double>(nullable: true),
                Loss = table.Column<double>(nullable: true),
                LossNonFinite = table.Column<string>(maxLength: 32, nullable: true),
                Seconds = table.Column<double>(nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_MetricPoints", x => new { x.ExperimentId, x.TrialNumber, x.Token, x.Epoch });
                table.ForeignKey(
                    name: "FK_MetricPoints_Experiments_ExperimentId",
                    column: x => x.ExperimentId,
                    principalTable: "Experiments",
                    principalColumn: "Id",
                    onDelete: ReferentialAction.Cascade);
            });

        migrationBuilder.CreateTable(
            name: "Models",
            columns: table => new
            {
                Id = table.Column<Guid>(nullable: false),
                ExperimentId = table.Column<Guid>(nullable: false),
                Name = table.Column<string>(maxLength: 200, nullable: false),
                TrialNumber = table.Column<int>(nullable: false),
                Genotype = table.Column<string>(nullable: false),
                TestAccuracy = table.Column<double>(nullable: false),
                TestLoss = table.Column<double>(nullable: true),
                ParameterCount = table.Column<long>(nullable: false),
                MultiplyAdds = table.Column<long>(nullable: false),
                Description = table.Column<string>(nullable: false),
                Parity = table.Column<string>(nullable: false),
                CreatedAt = table.Column<long>(nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Models", x => x.Id);
                table.ForeignKey(
                    name: "FK_Models_Experiments_ExperimentId",
                    column: x => x.ExperimentId,
                    principalTable: "Experiments",
                    principalColumn: "Id",
                    onDelete: ReferentialAction.Cascade);
            });

        migrationBuilder.CreateTable(
            name: "ShareLinks",
            columns: table => new
            {
                Id = table.Column<Guid>(nullable: false),
                ExperimentId = table.Column<Guid>(nullable: false),
                TokenHash = table.Column<string>(maxLength: 64, nullable: false),
                CreatedById = table.Column<Guid>(nullable: true),
                CreatedAt = table.Column<long>(nullable: false),
                ExpiresAt = table.Column<long>(nullable: true),
                RevokedAt = table.Column<long>(nullable: true),
                AllowsDownloads = table.Column<bool>(nullable: false),
                ViewCount = table.Column<int>(nullable: false),
                LastViewedAt = table.Column<long>(nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_ShareLinks", x => x.Id);
                table.ForeignKey(
                    name: "FK_ShareLinks_Experiments_ExperimentId",
                    column: x => x.ExperimentId,
                    principalTable: "Experiments",
                    principalColumn: "Id",
                    onDelete: ReferentialAction.Cascade);
            });

        migrationBuilder.CreateTable(
            name: "Trials",
            columns: table => new
            {
                ExperimentId = table.Column<Guid>(nullable: false),
                Number = table.Column<int>(nullable: false),
                Genotype = table.Column<string>(nullable: false),
                Decisions = table.Column<string>(nullable: false),
                Key = table.Column<string>(maxLength: 128, nullable: false),
                State = table.Column<string>(maxLength: 32, nullable: false),
                Reason = table.Column<string>(nullable: true),
                Outcome = table.Column<string>(maxLength: 32, nullable: true),
                ProposedAt = table.Column<long>(nullable: false),
                StartedAt = table.Column<long>(nullable: true),
                EndedAt = table.Column<long>(nullable: true),
                ElapsedSeconds = table.Column<double>(nullable: true),
                Accuracy = table.Column<double>(nullable: true),
                BestOfLastFive = table.Column<double>(nullable: true),
                Loss = table.Column<double>(nullable: true),
                LossNonFinite = table.Column<string>(maxLength: 32, nullable: true),
                ParameterCount = table.Column<long>(nullable: false),
                MultiplyAdds = table.Column<long>(nullable: false),
                DurationSeconds = table.Column<double>(nullable: true),
                ImagesPerSecond = table.Column<double>(nullable: true),
                ReusedFromTrial = table.Column<int>(nullable: true),
                ToldAt = table.Column<long>(nullable: true),
                Diagnostics = table.Column<string>(nullable: true),
                AttemptCount = table.Column<int>(nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Trials", x => new { x.ExperimentId, x.Number });
                table.ForeignKey(
                    name: "FK_Trials_Experiments_ExperimentId",
                    column: x => x.ExperimentId,
                    principalTable: "Experiments",
                    principalColumn: "Id",
                    onDelete: ReferentialAction.Cascade);
            });

        migrationBuilder.CreateTable(
            name: "AccessTokens",
            columns: table => new
            {
                Id = table.Column<Guid>(nullable: false),
                UserId = table.Column<Guid>(nullable: false),
                Name = table.Column<string>(maxLength: 100, nullable: false),
                TokenHash = table.Column<string>(maxLength: 64, nullable: false),
                CreatedAt = table.Column<long>(nullable: false),
                ExpiresAt = table.Column<long>(nullable: true),
                LastUsedAt = table.Column<long>(nullable: true),
                RevokedAt = table.Column<long>(nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_AccessTokens", x => x.Id);
                table.ForeignKey(
                    name: "FK_AccessTokens_Users_UserId",
                    column: x => x.UserId,
                    principalTable: "Users",
                    principalColumn: "Id",
                    onDelete: ReferentialAction.Cascade);
            });

        migrationBuilder.CreateTable(
            name: "UserClaims",
            columns: table => new
            {
                Id = table.Column<int>(nullable: false)
                    .Annotation("Sqlite:Autoincrement", true)
                    .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                UserId = table.Column<Guid>(nullable: false),
                ClaimType = table.Column<string>(nullable: true),
                ClaimValue = table.Column<string>(nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_UserClaims", x => x.Id);
                table.ForeignKey(
                    name: "FK_UserClaims_Users_UserId",
                    column: x => x.UserId,
                    principalTable: "Users",
                    principalColumn: "Id",
                    onDelete: ReferentialAction.Cascade);
            });

        migrationBuilder.CreateTable(
            name: "UserLogins",
            columns: table => new
            {
                LoginProvider = table.Column<string>(nullable: false),
                ProviderKey = table.Column<string>(nullable: false),
                ProviderDisplayName = table.Column<string>(nullable: true),
                UserId = table.Column<Guid>(nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_UserLogins", x => new { x.LoginProvider, x.ProviderKey });
                table.ForeignKey(
                    name: "FK_UserLogins_Users_UserId",
                    column: x => x.UserId,
                    principalTable: "Users",
                    principalColumn: "Id",
                    onDelete: ReferentialAction.Cascade);
            });

        migrationBuilder.CreateTable(
            name: "UserTokens",
            columns: table => new
            {
                UserId = table.Column<Guid>(nullable: false),
                LoginProvider = table.Column<string>(nullable: false),
                Name = table.Column<string>(nullable: false),
                Value = table.Column<string>(nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_UserTokens", x => new { x.UserId, x.LoginProvider, x.Name });
                table.ForeignKey(
                    name: "FK_UserTokens_Users_UserId",
                    column: x => x.UserId,
                    principalTable: "Users",
                    principalColumn: "Id",
                    onDelete: ReferentialAction.Cascade);
            });

        migrationBuilder.CreateTable(
            name: "Attempts",
            columns: table => new
            {
                JobId = table.Column<Guid>(nullable: false),
                Token = table.Column<long>(nullable: false),
                Node = table.Column<string>(maxLength: 200, nullable: false),
                StartedAt = table.Column<long>(nullable: false),
                EndedAt = table.Column<long>(nullable: true),
                Outcome = table.Column<string>(maxLength: 32, nullable: true),
                Reason = table.Column<string>(nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Attempts", x => new { x.JobId, x.Token });
                table.ForeignKey(
                    name: "FK_Attempts_Jobs_JobId",
                    column: x => x.JobId,
                    principalTable: "Jobs",
                    principalColumn: "Id",
                    onDelete: ReferentialAction.Cascade);
            });

        migrationBuilder.CreateTable(
            name: "Artifacts",
            columns: table => new
            {
                Id = table.Column<Guid>(nullable: false),
                ModelId = table.Column<Guid>(nullable: false),
                FileName = table.Column<string>(maxLength: 100, nullable: false),
                Format = table.Column<string>(maxLength: 32, nullable: false),
                Length = table.Column<long>(nullable: false),
                Sha256 = table.Column<string>(maxLength: 64, nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Artifacts", x => x.Id);
                table.ForeignKey(
                    name: "FK_Artifacts_Models_ModelId",
                    column: x => x.ModelId,
                    principalTable: "Models",
                    principalColumn: "Id",
                    onDelete: ReferentialAction.Cascade);
            });

        migrationBuilder.CreateIndex(
            name: "IX_AccessTokens_TokenHash",
            table: "AccessTokens",
            column: "TokenHash",
            unique: true);

        migrationBuilder.CreateIndex(
            name: "IX_AccessTokens_UserId",
            table: "AccessTokens",
            column: "UserId");

        migrationBuilder.CreateIndex(
            name: "IX_Artifacts_ModelId",
            table: "Artifacts",
            column: "ModelId");

        migrationBuilder.CreateIndex(
            name: "IX_Artifacts_Sha256",
            table: "Artifacts",
            column: "Sha256");

        migrationBuilder.CreateIndex(
            name: "IX_AuditEntries_At",
            table: "AuditEntries",
            column: "At");

        migrationBuilder.CreateIndex(
            name: "IX_Datasets_Name",
            table: "Datasets",
            column: "Name",
            unique: true);

        migrationBuilder.CreateIndex(
            name: "IX_Experiments_CreatedAt",
            table: "Experiments",
            column: "CreatedAt");

        migrationBuilder.CreateIndex(
            name: "IX_Experiments_State",
            table: "Experiments",
            column: "State");

        migrationBuilder.CreateIndex(
            name: "IX_Jobs_DatasetId",
            table: "Jobs",
            column: "DatasetId");

        migrationBuilder.CreateIndex(
            name: "IX_Jobs_ExperimentId_Kind_TrialNumber",
            table: "Jobs",
            columns: new[] { "ExperimentId", "Kind", "TrialNumber" });

        migrationBuilder.CreateIndex(
            name: "IX_Jobs_State",
            table: "Jobs",
            column: "State");

        migrationBuilder.CreateIndex(
            name: "IX_Models_CreatedAt",
            table: "Models",
            column: "CreatedAt");

        migrationBuilder.CreateIndex(
            name: "IX_Models_ExperimentId",
            table: "Models",
            column: "ExperimentId");

        migrationBuilder.CreateIndex(
            name: "IX_ShareLinks_ExperimentId",
            table: "ShareLinks",
            column: "ExperimentId");

        migrationBuilder.CreateIndex(
            name: "IX_ShareLinks_TokenHash",
            table: "ShareLinks",
            column: "TokenHash",
            unique: true);

        migrationBuilder.CreateIndex(
            name: "IX_Trials_ExperimentId_Accuracy",
            table: "Trials",
            columns: new[] { "ExperimentId", "Accuracy" });

        migrationBuilder.CreateIndex(
            name: "IX_Trials_ProposedAt",
            table: "Trials",
            column: "ProposedAt");

        migrationBuilder.CreateIndex(
            name: "IX_UserClaims_UserId",
            table: "UserClaims",
            column: "UserId");

        migrationBuilder.CreateIndex(
            name: "IX_UserLogins_UserId",
            table: "UserLogins",
            column: "UserId");

        migrationBuilder.CreateIndex(
            name: "EmailIndex",
            table: "Users",
            column: "NormalizedEmail");

        migrationBuilder.CreateIndex(
            name: "UserNameIndex",
            table: "Users",
            column: "NormalizedUserName",
            unique: true);
    }
}
