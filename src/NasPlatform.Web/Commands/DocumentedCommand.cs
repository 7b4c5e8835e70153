using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace NasPlatform.Web.Commands;

/// <summary>A command whose help ends with notes: examples, units, exit codes.</summary>
internal sealed class DocumentedCommand(string name, string description, string notes) : Command(name, description)
{
    public string Notes { get; } = notes;
}

/// <summary>The usual help, then the command's notes.</summary>
internal sealed class HelpWithNotes(HelpAction usual) : SynchronousCommandLineAction
{
    private const string RootNotes = $"""
        Examples:
          nas search --dataset fashion-mnist --minutes 20
          nas dataset add photos.zip --name photos --size 64
          nas predict runs/first/model shirt.png

        {ExitCode.Notes}

        Environment:
          NAS_DATA  the folder that holds the datasets (else DataFolder in appsettings.json)
          NO_COLOR  no colours, if not empty
        """;

    /// <summary>Who asks for help need not have given what the command needs.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        usual.Invoke(parseResult);
        var notes = parseResult.CommandResult.Command switch
        {
            DocumentedCommand command => command.Notes,
            RootCommand => RootNotes,
            _ => null,
        };
        if (notes is not null)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(notes);
        }

        return ExitCode.Done;
    }
}
