using System.CommandLine;
using Microsoft.ML.Mrl.Cli.Data;

namespace Microsoft.ML.Mrl.Cli.Options;

/// <summary>The options that say which columns of a file are for what, the same for every verb.</summary>
internal sealed class DataOptions
{
    private readonly Option<string?> _text = Column("--text-col", "The text to embed: a name, or a position from 0. Left out: guessed.");
    private readonly Option<string?> _vector = Column(
        "--vector-col", "The vector to embed: a column of vectors (a list in .parquet, [1, 2, …] in a cell), or number columns as a,b,c or first..last. Left out: guessed.", "columns");

    private readonly Option<string?> _positive = Column("--positive-col", "What belongs to the input: learns pairs. As --text-col or --vector-col.");
    private readonly Option<string?> _negative = Column("--negative-col", "What must not be near the input.");
    private readonly Option<string?> _score = Column("--score-col", "How alike the input and the positive are, higher is more: learns scored pairs.");
    private readonly Option<string?> _label = Column("--label-col", "The label: learns classes. Left out: guessed.");
    private readonly Option<string?> _ignored = Column("--ignore-cols", "Columns not to be looked at: a,b,c or first..last.", "columns");

    // Not an option of a Boolean, which would leave a word that is neither to be an argument.
    private readonly Option<string> _hasHeader = new("--has-header")
    {
        Description = "Whether the first line of a text file names the columns; without, they are Col0, Col1, …",
        HelpName = "true|false",
        DefaultValueFactory = _ => "true",
        CustomParser = OptionValues.TrueOrFalse("--has-header"),
    };

    /// <summary>Adds all of them to a command.</summary>
    public void AddTo(System.CommandLine.Command command) => Add(command, [_text, _vector, _positive, _negative, _score, _label, _ignored, _hasHeader]);

    /// <summary>Adds those of the input alone.</summary>
    public void AddInputTo(System.CommandLine.Command command) => Add(command, [_text, _vector, _ignored, _hasHeader]);

    /// <summary>The columns that were named.</summary>
    public RoleNames Names(ParseResult result) => new()
    {
        Text = result.GetValue(_text),
        Vector = result.GetValue(_vector),
        Positive = result.GetValue(_positive),
        Negative = result.GetValue(_negative),
        Score = result.GetValue(_score),
        Label = result.GetValue(_label),
        Ignored = result.GetValue(_ignored),
    };

    /// <summary>Whether text files have a header.</summary>
    public bool HasHeader(ParseResult result) => bool.Parse(result.GetValue(_hasHeader) ?? "true");

    /// <summary>Whether that was said.</summary>
    public bool SaysHasHeader(ParseResult result) => result.GetResult(_hasHeader) is { Implicit: false };

    private static void Add(System.CommandLine.Command command, IEnumerable<Option> options)
    {
        foreach (Option option in options)
        {
            command.Options.Add(option);
        }
    }

    private static Option<string?> Column(string name, string description, string helpName = "column") => new(name) { Description = description, HelpName = helpName };
}
