using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

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

    /// <summary>Returns the model with Dense layers appended that do what a head does to the first values of the embeddings.</summary>
    /// <param name="model">The model.</param>
    /// <param name="head">The head; at most as wide inside as the model's embeddings.</param>
    /// <param name="normalizes">Whether a Normalize module follows.</param>
    public static TransformerModel WithHead(TransformerModel model, EmbeddingHead head, bool normalizes)
    {
        JsonArray modules = model.Files.Find(EncoderModule.FileName) is { } bytes
            ? (JsonArray)JsonNode.Parse(bytes)!
            : [EncoderConfigs.Module(0, "Transformer", ""), EncoderConfigs.Module(1, "Pooling", PoolingPath)];
        var changed = new List<KeyValuePair<string, byte[]>>();
        if (model.Files.Find(EncoderModule.FileName) is null)
        {
            changed.Add(EncoderConfigs.File(SentenceModules.Join(PoolingPath, "config.json"), MeanPooling(model.Config.Hidden)));
        }
        var tensors = new Dictionary<string, TensorFile>();
        foreach (DenseOfHead layer in DenseOfHead.Of(head, model.Dimensions))
        {
            string path = FreePath(modules, "Dense");
            modules.Add(EncoderConfigs.Module(modules.Count, "Dense", path));
            changed.Add(new(SentenceModules.Join(path, "config.json"), Encoding.UTF8.GetBytes(layer.Config.ToJson())));
            tensors.Add(path, layer.Tensors);
        }
        if (normalizes)
        {
            modules.Add(EncoderConfigs.Module(modules.Count, "Normalize", FreePath(modules, "Normalize")));
        }
        changed.Add(EncoderConfigs.File(EncoderModule.FileName, modules));
        return CutTo(Remade(model, model.Files.With(changed), tensors), head.OutputDimensions);
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
