using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.ML.Mrl.Export.Dense;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>Makes models from others by changing their files, so that the saved model always equals the one that is used.</summary>
internal static partial class ChangedModel
{
    /// <summary>
    /// Returns the model whose embeddings are cut to their first values, as with truncate_dim of sentence-transformers. It is the same
    /// model if they already have that width.
    /// </summary>
    public static TransformerModel CutTo(TransformerModel model, int width) => SentenceSettings.Read(model).Width == width
        ? model
        : Remade(model, EncoderConfigs.WithCut(model.Files, width < model.Dimensions ? width : null), []);

    /// <summary>Returns the model with a Dense layer appended, whose inputs are the first values of the embeddings.</summary>
    /// <param name="model">The model.</param>
    /// <param name="map">The layer; at most as wide inside as the model's embeddings.</param>
    /// <param name="normalizes">Whether a Normalize module follows.</param>
    public static TransformerModel WithDense(TransformerModel model, LinearHead map, bool normalizes)
    {
        JsonArray modules = model.Files.Find(EncoderModule.FileName) is { } bytes
            ? (JsonArray)JsonNode.Parse(bytes)!
            : [EncoderConfigs.Module(0, "Transformer", ""), EncoderConfigs.Module(1, "Pooling", PoolingPath)];
        var changed = new List<KeyValuePair<string, byte[]>>();
        if (model.Files.Find(EncoderModule.FileName) is null)
        {
            changed.Add(EncoderConfigs.File(SentenceModules.Join(PoolingPath, "config.json"), MeanPooling(model.Config.Hidden)));
        }
        string path = FreePath(modules, "Dense");
        (int inputs, int outputs) = (model.Dimensions, map.OutputDimensions);
        var weight = new float[outputs * inputs];
        for (int i = 0; i < map.InputDimensions; i++)
        {
            for (int o = 0; o < outputs; o++)
            {
                weight[o * inputs + i] = map.Weights.Span[i * outputs + o];
            }
        }
        var tensors = new TensorFile(
            [StoredTensor.FromSingles("linear.bias", [outputs], map.Bias.Span),
                StoredTensor.FromSingles("linear.weight", [outputs, inputs], weight)], [new("format", "pt")]);
        modules.Add(EncoderConfigs.Module(modules.Count, "Dense", path));
        if (normalizes)
        {
            modules.Add(EncoderConfigs.Module(modules.Count, "Normalize", FreePath(modules, "Normalize")));
        }
        changed.Add(
            new(SentenceModules.Join(path, "config.json"),
            Encoding.UTF8.GetBytes(new DenseConfig(inputs, outputs, HasBias: true, DenseConfig.Identity).ToJson())));
        changed.Add(EncoderConfigs.File(EncoderModule.FileName, modules));
        return CutTo(Remade(model, model.Files.With(changed), new Dictionary<string, TensorFile> { [path] = tensors }), outputs);
    }

    /// <summary>Returns the model with its first layers only.</summary>
    public static TransformerModel WithLayers(TransformerModel model, int layers)
    {
        string path = SentenceModules.Join(model.Modules.TransformerPath, "config.json");
        JsonObject config = With(EncoderConfigs.Parse(model.Files.Find(path)!), model.Config.Family == TransformerFamily.DistilBert
            ? "n_layers"
            : "num_hidden_layers", layers);
        TensorFile file = model.Weights.File;
        TensorFile kept = file with { Tensors = [.. file.Tensors.Where(t => LayerOf(t.Name) is not { } layer || layer < layers)] };
        return Remade(
            model,
            model.Files.With(EncoderConfigs.File(path, config)),
            new Dictionary<string,
            TensorFile> { [model.Modules.TransformerPath] = kept });
    }

    private const string PoolingPath = "1_Pooling";

    private static TransformerModel Remade(TransformerModel model, ModelFiles files, Dictionary<string, TensorFile> changed)
    {
        Dictionary<string, TensorFile> tensors = model.TensorFiles.ToDictionary(t => t.Path, t => t.File, StringComparer.Ordinal);
        return TransformerModel.From(files, path => changed.GetValueOrDefault(path) ?? tensors[path]);
    }

    private static int? LayerOf(string tensor) =>
        LayerName().Match(tensor) is { Success: true } match
        ? int.Parse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture)
        : null;

    [GeneratedRegex(@"(?:^|\.)(?:encoder|transformer)\.layer\.(\d{1,6})\.", RegexOptions.CultureInvariant)]
    private static partial Regex LayerName();

    private static JsonObject MeanPooling(int width) => new()
    {
        ["word_embedding_dimension"] = width,
        ["pooling_mode_cls_token"] = false,
        ["pooling_mode_mean_tokens"] = true,
        ["pooling_mode_max_tokens"] = false,
        ["pooling_mode_mean_sqrt_len_tokens"] = false,
    };

    /// <summary>Returns a folder that no module has yet.</summary>
    private static string FreePath(JsonArray modules, string type)
    {
        HashSet<string> taken = [.. modules.Select(module => module!["path"]!.GetValue<string>())];
        int index = modules.Count;
        while (taken.Contains($"{index}_{type}"))
        {
            index++;
        }
        return $"{index}_{type}";
    }

    private static JsonObject With(JsonObject file, string key, JsonNode? value)
    {
        file[key] = value;
        return file;
    }
}
