using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Files.Safetensors;
using Microsoft.ML.Mrl.Heads;

namespace Microsoft.ML.Mrl.Export.Dense;

/// <summary>Reads and writes the folder of a sentence-transformers Dense layer.</summary>
internal static class DenseFolder
{
    private const string WeightsFile = "model.safetensors";
    private const string PickleFile = "pytorch_model.bin";
    private const string WeightName = "linear.weight";
    private const string BiasName = "linear.bias";

    public static LinearHead Read(string folder, MatryoshkaDimensions? trainedDimensions)
    {
        AtomicFolder.Recover(folder);
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"There is no folder '{folder}'. Give the folder of a Dense layer, such as " +
                "my-model/2_Dense.");
        }
        DenseConfig config = ReadConfig(folder);
        string path = Path.Combine(folder, WeightsFile);
        if (!File.Exists(path))
        {
            throw NoWeights(folder, path);
        }
        using SafetensorsFile file = SafetensorsFile.Open(path);
        SafetensorsTensor weights = file.Find(WeightName, config.Outputs, config.Inputs);
        SafetensorsTensor? bias = config.HasBias ? file.Find(BiasName, config.Outputs) : null;
        if (!config.HasBias && file.TryFind(BiasName) is { } unexpected)
        {
            throw new SafetensorsException(path, BiasName, $"none, since {DenseConfig.FileName} says bias is false",
                unexpected.Description, "The two files are not of one layer.");
        }
        float[] singles = file.ReadSingles(weights);
        if (config.HasResidual)
        {
            AddResidual(file, config, singles);
        }
        float[] transposed = Transpose(singles, config.Outputs, config.Inputs);
        CheckFinite(path, WeightName, transposed);
        float[] biases = bias is null ? new float[config.Outputs] : file.ReadSingles(bias);
        CheckFinite(path, BiasName, biases);
        return new LinearHead(transposed, biases, trainedDimensions ?? TrainedDimensionsEntry.Read(file, config.Outputs)
            ?? [config.Outputs], training: null);
    }

    public static void Write(EmbeddingHead head, string folder, int dimensions)
    {
        (ReadOnlyMemory<float> weights, ReadOnlyMemory<float> bias) = head switch
        {
            LinearHead linear => (linear.Weights, linear.Bias),
            OrthogonalHead orthogonal => (orthogonal.Weights, ReadOnlyMemory<float>.Empty),
            _ => throw new NotSupportedException($"A head of kind '{head.Kind}' is no single linear layer, so it cannot be written as a " +
                "Dense folder. Export it to ONNX."),
        };
        var config = new DenseConfig(head.InputDimensions, dimensions, !bias.IsEmpty, DenseConfig.Identity);
        var tensors = new List<(string Name, SafetensorsDataType Type, IReadOnlyList<long> Shape)>();
        if (config.HasBias)
        {
            tensors.Add((BiasName, SafetensorsDataType.F32, [dimensions]));
        }
        tensors.Add((WeightName, SafetensorsDataType.F32, [dimensions, head.InputDimensions]));
        float[] transposed = Transpose(weights.Span, head.InputDimensions, head.OutputDimensions);
        int[] trained = [.. head.TrainedDimensions.Where(m => m <= dimensions)];
        KeyValuePair<string, string>[] metadata = [new("format", "pt"), .. TrainedDimensionsEntry.Of(trained)];

        AtomicFolder.Write(folder, aside =>
        {
            SafetensorsWriter.Write(Path.Combine(aside, WeightsFile), tensors, (i, stream) =>
                SafetensorsWriter.WriteSingles(stream, tensors[i].Name == BiasName ? bias.Span[..dimensions]
                    : transposed.AsSpan(0, dimensions * head.InputDimensions)), metadata);
            AtomicFile.Write(Path.Combine(aside, DenseConfig.FileName), stream =>
                stream.Write(System.Text.Encoding.UTF8.GetBytes(config.ToJson())));
        });
    }

    /// <summary>x Wᵀ + x Rᵀ is x (W + R)ᵀ, and R is the identity where the layer keeps the width.</summary>
    private static void AddResidual(SafetensorsFile file, DenseConfig config, float[] weights)
    {
        if (config.Inputs == config.Outputs)
        {
            for (int i = 0; i < config.Outputs; i++)
            {
                weights[i * config.Inputs + i] += 1;
            }
            return;
        }
        float[] residual = file.ReadSingles(file.Find(DenseConfig.ResidualWeight, config.Outputs, config.Inputs));
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] += residual[i];
        }
    }

    private static DenseConfig ReadConfig(string folder)
    {
        string modules = Path.Combine(folder, "modules.json");
        if (File.Exists(modules))
        {
            string[] dense = [.. Directory.GetDirectories(folder, "*_Dense").Select(d => $"'{d}'").Order(StringComparer.Ordinal)];
            throw new InvalidDataException($"'{folder}' is a whole sentence-transformers model, not one Dense layer. " +
                (dense.Length == 0 ? "It has no Dense layer." : $"Give the folder of its Dense layer: {string.Join(" or ", dense)}."));
        }
        string path = Path.Combine(folder, DenseConfig.FileName);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"There is no {DenseConfig.FileName} in '{folder}'. Give the folder of a Dense layer, such " +
                "as my-model/2_Dense.", path);
        }
        var config = DenseConfig.Read(ModelJson.Read(path));
        return config.Activation == DenseConfig.Identity ? config : throw new NotSupportedException(
            $"Cannot make a linear head of '{path}': its activation is " +
                $"{(config.NamesActivation ? config.Activation : $"none is named, which means {config.Activation}")}, and a linear head " +
                $"has none. Only {DenseConfig.Identity} is linear; train the Dense layer with it, or keep this one in the encoder's ONNX " +
                "model.");
    }

    private static Exception NoWeights(string folder, string path) => File.Exists(Path.Combine(folder, PickleFile))
        ? new NotSupportedException(
            $"'{folder}' has its weights only as a pickle ({PickleFile}). Pickles are never read: loading one can run any code that its " +
                $"maker put in. If you trust it, convert it once in Python: " +
            $"import torch, safetensors.torch; safetensors.torch.save_file(torch.load('{PickleFile}', weights_only=True), " +
                $"'{WeightsFile}').")
        : new FileNotFoundException($"There is no {WeightsFile} in '{folder}'. Save the model in safetensors form " +
            "(model.save_pretrained(path, safe_serialization=True)).", path);

    private static void CheckFinite(string path, string tensor, float[] values)
    {
        int bad = Array.FindIndex(values, v => !float.IsFinite(v));
        if (bad >= 0)
        {
            throw new SafetensorsException(path, tensor, "finite numbers in single precision", $"{values[bad]}", "Was training stable?");
        }
    }

    /// <summary>Turns <c>[rows, columns]</c> into <c>[columns, rows]</c>.</summary>
    private static float[] Transpose(ReadOnlySpan<float> source, int rows, int columns)
    {
        var result = new float[source.Length];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                result[j * rows + i] = source[i * columns + j];
            }
        }
        return result;
    }
}
