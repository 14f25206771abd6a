using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Mrl.Text.Encoders.Static;

namespace Microsoft.ML.Mrl.Benchmarks.Static;

/// <summary>Encoders to start from.</summary>
internal static class StartingEncoders
{
    /// <summary>The word vectors in a folder of data sets, weighted by a / (a + p(word)), a = 1e-3.</summary>
    public static StaticTextEncoder Glove(string folder)
    {
        string path = Path.Combine(folder, "words", "glove6b-100d-10k.bin");
        using var reader = new BinaryReader(File.OpenRead(path));
        int count = (int)reader.ReadUInt32();
        int width = (int)reader.ReadUInt32();
        string[] words = [.. Enumerable.Range(0, count).Select(_ => Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadUInt16())))];
        var values = new float[count * width];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        var table = new WordVectorTable(path, frequencyWeighting: 1e-3);
        table.SetWidth(width, count);
        for (int i = 0; i < count; i++)
        {
            table.Add(words[i], values.AsSpan(i * width, width));
        }
        return table.ToEncoder();
    }

    /// <summary>Random vectors for the words of the training texts.</summary>
    public static StaticTextEncoder FromNothing(TextTask task, int width, int seed) =>
        StaticTextEncoder.Create(task.Texts, new StaticEncoderOptions { Dimensions = width, Buckets = 4096, Seed = seed });
}
