using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Heads;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;

namespace Microsoft.ML.Mrl.Text.Encoders.Static;

/// <summary>
/// Reads and writes a static encoder in a saved encoder: flags, the whole table's width and trained dimensions where embeddings are cut,
/// subwords, tokenizer, table, token weights, mapping.
/// </summary>
internal static class StaticEncoderFormat
{
    [Flags]
    private enum Flags : byte
    {
        None = 0,
        SkipsUnknown = 1,
        IsNormalized = 2,
        HasSubwords = 4,
        HasTokenWeights = 8,
        HasMapping = 16,
        IsCut = 32,
        HasSettings = 64,
        HasSteps = 128,
    }

    public static void Write(StaticEncoderContent content, BinaryWriter writer)
    {
        bool hasSettings = content.Prompts.ByName.Count > 0 || content.Similarity != "cosine";
        writer.Write((byte)(
            (content.SkipsUnknown ? Flags.SkipsUnknown : 0)
            | (content.IsNormalized ? Flags.IsNormalized : 0)
            | (content.Subwords is null ? 0 : Flags.HasSubwords)
            | (content.TokenWeights is null ? 0 : Flags.HasTokenWeights)
            | (content.Mapping is null ? 0 : Flags.HasMapping)
            | (content.TruncateDimensions is null ? 0 : Flags.IsCut)
            | (hasSettings ? Flags.HasSettings : 0)
            | (content.Steps.Count > 0 ? Flags.HasSteps : 0)));
        if (hasSettings)
        {
            WriteSettings(content, writer);
        }
        if (content.Steps.Count > 0)
        {
            WriteSteps(content.Steps, writer);
        }
        if (content.TruncateDimensions is not null || content.Steps.Count > 0)
        {
            writer.Write(content.Dimensions);
            TrainedDimensionsFormat.Write(content.TrainedDimensions, writer);
        }
        if (content.Subwords is { } subwords)
        {
            writer.Write(subwords.Buckets);
            writer.Write(subwords.Shortest);
            writer.Write(subwords.Longest);
        }
        writer.Write(content.TokenizerJson.Length);
        writer.Write(content.TokenizerJson);
        writer.Write(content.Table.Length / content.Dimensions);
        ChecksummedFrame.WriteFloats(writer, content.Table);
        if (content.TokenWeights is { } weights)
        {
            writer.Write(weights.Length);
            ChecksummedFrame.WriteFloats(writer, weights);
        }
        if (content.Mapping is { } mapping)
        {
            writer.Write(mapping.Length);
            foreach (int row in mapping)
            {
                writer.Write(row);
            }
        }
    }

    public static StaticEncoderContent Read(BinaryReader reader, int width, MatryoshkaDimensions? trained, TrainingSummary? training)
    {
        var flags = (Flags)reader.ReadByte();
        (EncoderPrompts prompts, string similarity) =
            flags.HasFlag(Flags.HasSettings) ? ReadSettings(reader) : (EncoderPrompts.None, "cosine");
        IReadOnlyList<SentenceStep> steps = flags.HasFlag(Flags.HasSteps) ? ReadSteps(reader) : [];
        int? cut = flags.HasFlag(Flags.IsCut) ? width : null;
        if (cut is not null || steps.Count > 0)
        {
            width = ChecksummedFrame.ReadPositive(reader, "width of the table");
            int full = SentenceStep.Width(steps, width);
            trained = TrainedDimensionsFormat.Read(reader, full, "encoder");
            if (cut > full)
            {
                throw new InvalidDataException($"The encoder is cut to {cut} values, but it has {full}. The file is damaged.");
            }
        }
        SubwordHashing? subwords = flags.HasFlag(Flags.HasSubwords)
            ? ReadSubwords(reader)
            : null;
        byte[] tokenizer = TransformerFormat.ReadBytes(reader);
        float[] table = ChecksummedFrame.ReadFloats(reader, (long)ChecksummedFrame.ReadPositive(reader, "number of rows") * width);
        return new StaticEncoderContent
        {
            TokenizerJson = tokenizer,
            Dimensions = width,
            TruncateDimensions = cut,
            Steps = steps,
            Table = table,
            SkipsUnknown = flags.HasFlag(Flags.SkipsUnknown),
            IsNormalized = flags.HasFlag(Flags.IsNormalized),
            Subwords = subwords,
            TokenWeights = flags.HasFlag(Flags.HasTokenWeights)
                ? ChecksummedFrame.ReadFloats(reader, ChecksummedFrame.ReadPositive(reader, "number of token weights"))
                : null,
            Mapping = flags.HasFlag(Flags.HasMapping) ? ReadMapping(reader) : null,
            TrainedDimensions = trained,
            Training = training,
            Prompts = prompts,
            Similarity = similarity,
        };
    }

    /// <summary>The kinds of the steps in order, a Dense one with its folder and configuration, then the weights by folder.</summary>
    private static void WriteSteps(IReadOnlyList<SentenceStep> steps, BinaryWriter writer)
    {
        writer.Write(steps.Count);
        foreach (SentenceStep step in steps)
        {
            writer.Write((step as DenseStep)?.Path ?? "");
            writer.Write((step as DenseStep)?.ConfigText() ?? "");
        }
        TransformerFormat.WriteTensors([.. steps.OfType<DenseStep>().Select(dense => (dense.Path, dense.File))], writer);
    }

    private static SentenceStep[] ReadSteps(BinaryReader reader)
    {
        var modules = new List<EncoderModule>();
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        for (int left = TransformerFormat.ReadCount(reader); left > 0; left--)
        {
            string path = reader.ReadString();
            string config = reader.ReadString();
            modules.Add(new EncoderModule(path.Length == 0 ? "Normalize" : "Dense", path));
            if (path.Length > 0)
            {
                files[SentenceModules.Join(path, EncoderFolder.ConfigFile)] = Encoding.UTF8.GetBytes(config);
            }
        }
        Dictionary<string, TensorFile> tensors = TransformerFormat.ReadTensors(reader);
        return
        [
            .. SentenceStep.ReadAll(new ModelFiles("the saved encoder", files), modules, path => tensors.GetValueOrDefault(path)
                ?? throw new InvalidDataException($"The encoder has no weights for '{path}'."), "the saved encoder", ""),
        ];
    }

    private static SubwordHashing ReadSubwords(BinaryReader reader)
    {
        int buckets = ChecksummedFrame.ReadPositive(reader, "number of buckets");
        int shortest = ChecksummedFrame.ReadPositive(reader, "length of the shortest n-grams");
        int longest = ChecksummedFrame.ReadPositive(reader, "length of the longest n-grams");
        return shortest <= longest && longest <= SubwordHashing.MaxLength
            ? new SubwordHashing(buckets, shortest, longest)
            : throw new InvalidDataException(
                $"The encoder names n-grams of {shortest}..{longest} characters, which are 1..{SubwordHashing.MaxLength}. The file is " +
                $"damaged.");
    }

    private static void WriteSettings(StaticEncoderContent content, BinaryWriter writer)
    {
        writer.Write(content.Similarity);
        writer.Write(content.Prompts.ByName.Count);
        foreach ((string name, string text) in content.Prompts.ByName.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            writer.Write(name);
            writer.Write(text);
        }
        writer.Write(content.Prompts.DefaultName is not null);
        writer.Write(content.Prompts.DefaultName ?? "");
    }

    private static (EncoderPrompts Prompts, string Similarity) ReadSettings(BinaryReader reader)
    {
        string similarity = reader.ReadString();
        var prompts = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int left = TransformerFormat.ReadCount(reader); left > 0; left--)
        {
            prompts[reader.ReadString()] = reader.ReadString();
        }
        bool hasDefault = reader.ReadBoolean();
        string name = reader.ReadString();
        return (new EncoderPrompts(prompts, hasDefault ? name : null, "the saved encoder"), similarity);
    }

    private static int[] ReadMapping(BinaryReader reader)
    {
        // Whole numbers of as many bytes as single-precision ones.
        float[] bits = ChecksummedFrame.ReadFloats(reader, ChecksummedFrame.ReadPositive(reader, "length of the mapping"));
        return MemoryMarshal.Cast<float, int>(bits).ToArray();
    }
}
