using Spectre.Console;
using Spectre.Console.Rendering;

namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>Shows the time left that the training itself guesses.</summary>
internal sealed class TimeLeftColumn : ProgressColumn
{
    private volatile string _text = "";

    /// <summary>What is shown.</summary>
    public string Text
    {
        get => _text;
        set => _text = value;
    }

    /// <inheritdoc/>
    protected override bool NoWrap => true;

    /// <inheritdoc/>
    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Spectre.Console.Text(Text);
}
