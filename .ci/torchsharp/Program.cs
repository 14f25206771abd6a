using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl;
using Microsoft.ML.TorchSharp;
using TorchSharp;

// Microsoft.ML.TorchSharp's trainers and this project's in one process, in either order.
// usage: ours-first NUMBERS | theirs-first NUMBERS   (ours-first writes the numbers of our training, theirs-first compares with them)
Console.WriteLine($"{args[0]}: Microsoft.ML {Version(typeof(MLContext))}, Microsoft.ML.TorchSharp {Version(typeof(TorchSharpCatalog))}, TorchSharp {Version(typeof(Scalar))}");
int problems = 0;
switch (args[0])
{
    case "ours-first":
        string[] first = Train();
        File.WriteAllLines(args[1], first);
        RunTheirs();
        Compare(first);
        break;
    case "theirs-first":
        new MLContext().Mrl().LoadLibTorch();
        RunTheirs();
        Compare(File.ReadAllLines(args[1]));
        break;
}
return problems;

// What a head of ours gives for the rows it was trained on.
static string[] Train()
{
    var random = new Random(1);
    Vectors[] rows = [.. Enumerable.Range(0, 200).Select(i => new Vectors
    {
        Vector = [.. Enumerable.Range(0, 16).Select(j => (float)(random.NextDouble() - 0.5 + (j % 4 == i % 4 ? 1 : 0)))],
        Label = "class " + (i % 4),
    })];
    var mlContext = new MLContext(seed: 1);
    IDataView data = mlContext.Data.LoadFromEnumerable(rows);
    ITransformer model = mlContext.Transforms.MrlFineTune("Embedding", "Vector", MrlObjective.Classification("Label")).Fit(data);
    return [.. model.Transform(data).GetColumn<float[]>("Embedding")
        .Select(row => string.Join(' ', row.Select(value => value.ToString("R", CultureInfo.InvariantCulture))))];
}

void Compare(string[] expected)
{
    bool isSame = Train().SequenceEqual(expected);
    Console.WriteLine($"MrlFineTune beside theirs: {(isSame ? "the same numbers" : "other numbers")}");
    problems += isSame ? 0 : 1;
}

// Every trainer of theirs as far as it comes.
void RunTheirs()
{
    foreach ((string name, Action<MLContext> fit, string expected) in TheirTrainers.All)
    {
        string said = Said(() => fit(TheirTrainers.Context()));
        bool isExpected = said.StartsWith(expected, StringComparison.Ordinal);
        Console.WriteLine($"{name}: {said}{(isExpected ? "" : $"\nexpected: {expected}. Mend the table in the README of Microsoft.ML.Mrl.TorchSharp.")}");
        problems += isExpected ? 0 : 1;
    }
    // TorchSharp itself is sound, whatever they left behind.
    torch.manual_seed(7);
    using torch.Tensor product = torch.randn(4, 4).mm(torch.eye(4));
    problems += product.shape is [4, 4] ? 0 : 1;
}

static string Version(Type type) => type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

static string Said(Action action)
{
    try
    {
        action();
        return "works";
    }
    catch (Exception exception)
    {
        Exception inner = exception.GetBaseException();
        return $"{inner.GetType().Name}: {inner.Message.Split('\n')[0]}";
    }
}

internal sealed class Vectors
{
    [VectorType(16)]
    public float[] Vector { get; set; } = [];

    public string Label { get; set; } = "";
}
