using System.CommandLine;
using Microsoft.ML.Mrl.Cli.Data;

namespace Microsoft.ML.Mrl.Cli.Options;

/// <summary>Represents the options that say how a file is written and which roles its columns have. All commands share them.</summary>
internal sealed class DataOptions
{
    private readonly Option<string?> _text = Column(
        "--text-col", "The column of the text to embed: a name, or a position from 0. If left out, the tool guesses it.");

    private readonly Option<string?> _vector = Column(
        "--vector-col",
        "The vector to embed: one column of vectors (a list in .parquet, [1, 2, …] in a cell), or number columns as a,b,c or first..last. "
        + "If left out, the tool guesses it.",
        "columns");

    private readonly Option<string?> _positive = Column(
        "--positive-col", "The column of the positives: the text or vector that belongs to each input, to learn from pairs. Given like "
            + "--text-col or --vector-col.");

    private readonly Option<string?> _negative = Column(
        "--negative-col", "The column of the negatives: a text or vector that does not belong to the input. Needs --positive-col.");

    private readonly Option<string?> _score = Column(
        "--score-col",
            "The column that says how similar the input and the positive are; a higher score means more similar. Needs --positive-col.");

    private readonly Option<string?> _label = Column(
        "--label-col", "The column of the label, to learn classes. If left out, the tool guesses it.");
    private readonly Option<string?> _ignored = Column("--ignore-cols", "The columns to ignore: a,b,c or first..last.", "columns");

    // An option of a Boolean would take a word that is neither true nor false for an argument.
    private readonly Option<string> _hasHeader = new("--has-header")
    {
        Description = "Whether the first line of a text file names the columns. Without a header the columns are Col0, Col1, …",
        HelpName = "true|false",
        DefaultValueFactory = _ => "true",
        CustomParser = OptionValues.TrueOrFalse("--has-header"),
    };

    private readonly Option<char?> _separator = new("--separator")
    {
        Description = "The character between the fields of a text file, or the word tab. If left out, the tool finds it.",
        HelpName = "character",
        CustomParser = OptionValues.Separator("--separator"),
    };

    private readonly Option<char?> _decimalMarker = new("--decimal-marker")
    {
        Description = "The character before the fraction of a number in a text file: . (default) or , as in 2,5.",
        HelpName = ".|,",
        CustomParser = OptionValues.DecimalMarker("--decimal-marker"),
    };

    /// <summary>Adds all options to a command.</summary>
    public void AddTo(System.CommandLine.Command command) =>
        Add(command, [_text, _vector, _positive, _negative, _score, _label, _ignored, _hasHeader, _separator, _decimalMarker]);

    /// <summary>Adds the options of the input to a command, without those of labels and pairs.</summary>
    public void AddInputTo(System.CommandLine.Command command) =>
        Add(command, [_text, _vector, _ignored, _hasHeader, _separator, _decimalMarker]);

    /// <summary>Returns the columns that the user named.</summary>
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

    /// <summary>Returns how text files are written.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="earlier">
    /// The format whose settings hold where the command line has none, or <see langword="null"/> for the default.
    /// </param>
    public TextFormat Format(ParseResult result, TextFormat? earlier = null)
    {
        TextFormat format = earlier ?? new TextFormat();
        return format with
        {
            HasHeader = result.GetResult(_hasHeader) is { Implicit: false } ? bool.Parse(result.GetValue(_hasHeader)!) : format.HasHeader,
            Separator = result.GetValue(_separator) ?? format.Separator,
            DecimalMarker = result.GetValue(_decimalMarker) ?? format.DecimalMarker,
        };
    }

    private static void Add(System.CommandLine.Command command, IEnumerable<Option> options)
    {
        foreach (Option option in options)
        {
            command.Options.Add(option);
        }
    }

    private static Option<string?> Column(string name, string description, string helpName = "column") =>
        new(name) { Description = description, HelpName = helpName };
}
