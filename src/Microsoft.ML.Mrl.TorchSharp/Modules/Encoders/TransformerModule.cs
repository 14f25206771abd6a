using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.Vectors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Mrl.TorchSharp.Modules.Encoders;

/// <summary>
/// Represents a transformer encoder during training: token ids <c>[N, T]</c> to embeddings <c>[N, D]</c>, with pooling, Dense layers and
/// unit length as its model has them.
/// </summary>
/// <remarks>
/// Starts at the model's weights. Make it outside of dispose scopes that end before it; call <see cref="Embed"/> inside one, and move the
/// result out.
/// </remarks>
internal sealed class TransformerModule : IDisposable
{
    private const string DenseMark = ":linear.";
    private const string TailMark = "head" + DenseMark;

    private readonly Dictionary<string, Parameter> _byName = new(StringComparer.Ordinal);
    private readonly TransformerModel _model;
    private readonly TransformerConfig _config;
    private readonly ResidualTail? _tail;
    private readonly bool _normalizesTail;

    /// <param name="model">The model with the initial weights.</param>
    /// <param name="frozenLayers">0 freezes the tables, k those and the first k layers; null nothing.</param>
    /// <param name="head">A head behind the model's own modules that is trained as well; null for none.</param>
    /// <param name="normalizesHead">Whether what that head gives is rescaled to unit length.</param>
    public TransformerModule(TransformerModel model, int? frozenLayers = null, ResidualHead? head = null, bool normalizesHead = false)
    {
        _model = model;
        _config = model.Config;
        HashSet<string> frozen = frozenLayers is { } first
            ? [.. TransformerNames.All(_config with { Layers = Math.Min(first, _config.Layers) }).Select(t => t.Name)]
            : [];
        foreach ((string name, long[] shape) in TransformerNames.All(_config))
        {
            Add(name, model.Weights[name].Singles(), shape, !frozen.Contains(name));
        }
        foreach (DenseStep dense in model.Modules.Steps.OfType<DenseStep>())
        {
            Add(WeightName(dense), dense.Weight.Singles(), [.. dense.Weight.Shape]);
            if (dense.Bias is { } bias)
            {
                Add(BiasName(dense), bias.Singles(), [.. bias.Shape]);
            }
        }
        (_tail, _normalizesTail) = (head is null ? null : new ResidualTail(head), normalizesHead);
        foreach ((string name, Parameter parameter) in _tail?.Parameters ?? [])
        {
            Add(TailMark + name, parameter);
        }
    }

    /// <summary>Gets the parameters that are trained, by name, in a fixed order.</summary>
    public IEnumerable<KeyValuePair<string, Parameter>> Learned => Parameters.Where(p => p.Value.requires_grad);

    /// <summary>Gets all parameters, including the frozen ones, by name, in a fixed order.</summary>
    public IReadOnlyList<KeyValuePair<string, Parameter>> Parameters { get; } = new List<KeyValuePair<string, Parameter>>();

    /// <summary>Computes embeddings, <c>[N, D]</c>.</summary>
    /// <param name="batch">Token ids.</param>
    /// <param name="dropout">The dropout, or <see langword="null"/> for nothing.</param>
    public Tensor Embed(TokenBatch batch, EncoderDropout? dropout = null)
    {
        return Finish(Tokens(batch, dropout), batch);
    }

    /// <summary>
    /// Computes the embeddings of the last layer and those of an earlier one, with the same pooling and what follows it, each <c>[N,
    /// D]</c>.
    /// </summary>
    /// <param name="batch">Token ids.</param>
    /// <param name="layer">The earlier layer, 1..L.</param>
    /// <param name="dropout">The dropout, or <see langword="null"/> for nothing.</param>
    public (Tensor Last, Tensor Earlier) EmbedTwice(TokenBatch batch, int layer, EncoderDropout? dropout = null)
    {
        Tensor? earlier = null;
        Tensor last = Tokens(batch, dropout, (number, tokens) => earlier = number == layer ? tokens : earlier);
        return (Finish(last, batch), Finish(earlier!, batch));
    }

    /// <summary>
    /// Determines whether weight decay applies to a parameter. It does not apply to biases and to the scales of LayerNorm.
    /// </summary>
    public static bool Decays(string name) =>
        !name.EndsWith("bias", StringComparison.Ordinal) && !name.Contains("norm", StringComparison.OrdinalIgnoreCase);

    /// <summary>Determines whether a parameter is of a Dense layer or head behind the pooling.</summary>
    public static bool IsDense(string name) => name.Contains(DenseMark, StringComparison.Ordinal);

    /// <summary>Computes the vectors of the last layer, <c>[N, T, D]</c>.</summary>
    /// <param name="batch">Token ids.</param>
    /// <param name="dropout">The dropout, or <see langword="null"/> for nothing.</param>
    /// <param name="eachLayer">Is shown what each layer gives, with its number from 1.</param>
    public Tensor Tokens(TokenBatch batch, EncoderDropout? dropout = null, Action<int, Tensor>? eachLayer = null)
    {
        Tensor x = Norm(Embeddings(batch), TransformerNames.EmbeddingNorm);
        x = dropout?.Hidden(x) ?? x;
        Tensor bias = AttentionBias(batch);
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            TransformerLayerNames names = TransformerNames.Layer(_config.Family, layer);
            Tensor attended = Linear(Attend(x, names, bias, batch, dropout), names.AttentionOutput);
            x = Norm((dropout?.Hidden(attended) ?? attended).Plus(x), names.AttentionNorm);
            Tensor outer = Linear(EncoderActivation.Apply(_config.Activation, Linear(x, names.Inner)), names.Outer);
            x = Norm((dropout?.Hidden(outer) ?? outer).Plus(x), names.OutputNorm);
            eachLayer?.Invoke(layer + 1, InTexts(x, batch));
        }
        return InTexts(x, batch);
    }

    /// <summary>Returns the model with the current weights.</summary>
    public TransformerModel ToModel()
    {
        // What is frozen keeps its own type and bytes.
        Dictionary<string, float[]> encoder =
            Learned.Where(p => !IsDense(p.Key)).ToDictionary(p => p.Key, p => Values(p.Key), StringComparer.Ordinal);
        TransformerModel learned = _model.With(encoder, [.. _model.Modules.Steps.Select(AsLearned)]);
        return _tail is null ? learned : ChangedModel.WithHead(learned, _tail.ToHead(), _normalizesTail);

        SentenceStep AsLearned(SentenceStep step) => step is DenseStep dense
            ? dense.With(Values(WeightName(dense)), dense.Bias is null ? null : Values(BiasName(dense)))
            : step;
    }

    public void Dispose()
    {
        foreach (Parameter parameter in _byName.Values)
        {
            parameter.Dispose();
        }
    }

    private static string WeightName(DenseStep dense) => dense.Path + DenseMark + "weight";

    private static string BiasName(DenseStep dense) => dense.Path + DenseMark + "bias";

    private void Add(string name, float[] values, long[] shape, bool learns = true) =>
        Add(name, new Parameter(tensor(values, shape), learns));

    private void Add(string name, Parameter parameter)
    {
        _byName.Add(name, parameter);
        ((List<KeyValuePair<string, Parameter>>)Parameters).Add(new(name, parameter));
    }

    private Tensor InTexts(Tensor rows, TokenBatch batch) => rows.view(batch.Rows, batch.Length, _config.Hidden);

    /// <summary>Turns token vectors into embeddings.</summary>
    private Tensor Finish(Tensor tokens, TokenBatch batch)
    {
        Tensor x = Pool(tokens, tensor(Array.ConvertAll(batch.Mask, m => (float)m), [batch.Rows, batch.Length]));
        foreach (SentenceStep step in _model.Modules.Steps)
        {
            x = step is DenseStep dense ? Dense(dense, x) : NestedCosines.UnitLength(x);
        }
        x = _tail?.Apply(x) ?? x;
        return _tail is not null && _normalizesTail ? NestedCosines.UnitLength(x) : x;
    }

    private float[] Values(string name) => _byName[name].Values().ToArray();

    /// <summary>Returns the sum of word, position and type vectors, <c>[N·T, D]</c>.</summary>
    private Tensor Embeddings(TokenBatch batch)
    {
        Tensor x = _byName[TransformerNames.Words].index_select(0, tensor(batch.Ids));
        if (_config.TokenTypes > 0)
        {
            x = x.Plus(_byName[TransformerNames.TokenTypes].narrow(0, 0, 1));
        }
        return x.Plus(_byName[TransformerNames.Positions].index_select(0, tensor(TransformerPositions.Of(batch, _config))));
    }

    /// <summary>
    /// Returns the values to add to attention scores: the lowest number for padding tokens, and the relative bias where there is one;
    /// <c>[N, 1 or H, 1 or T, T]</c>.
    /// </summary>
    private Tensor AttentionBias(TokenBatch batch)
    {
        Tensor masked = tensor(Array.ConvertAll(batch.Mask, m => m == 0 ? float.MinValue : 0f), [batch.Rows, 1, 1, batch.Length]);
        if (_config.RelativeBuckets == 0)
        {
            return masked;
        }
        int length = batch.Length;
        var buckets = new long[length * length];
        for (int seeing = 0; seeing < length; seeing++)
        {
            for (int seen = 0; seen < length; seen++)
            {
                buckets[seeing * length + seen] = RelativePositions.Bucket(
                    seen - seeing, _config.RelativeBuckets, TransformerConfig.MaxRelativeDistance);
            }
        }
        Tensor relative = _byName[TransformerNames.RelativeBias].index_select(0, tensor(buckets)).view(length, length, _config.Heads);
        return relative.permute(2, 0, 1).unsqueeze(0).Plus(masked);
    }

    private Tensor Attend(Tensor x, TransformerLayerNames names, Tensor bias, TokenBatch batch, EncoderDropout? dropout)
    {
        Tensor query = Heads(Linear(x, names.Query));
        Tensor key = Heads(Linear(x, names.Key));
        Tensor value = Heads(Linear(x, names.Value));
        Tensor seen;
        if (dropout is { OnAttention: true })
        {
            Tensor scores = query.matmul(key.transpose(2, 3)).Times(1 / Math.Sqrt(_config.HeadWidth)).Plus(bias);
            seen = dropout.Attention(scores.softmax(-1)).matmul(value);
        }
        else
        {
            seen = scaled_dot_product_attention(query, key, value, bias);
        }
        return seen.transpose(1, 2).reshape((long)batch.Rows * batch.Length, _config.Hidden);

        Tensor Heads(Tensor rows) => rows.view(batch.Rows, batch.Length, _config.Heads, _config.HeadWidth).transpose(1, 2);
    }

    private Tensor Pool(Tensor tokens, Tensor mask)
    {
        Tensor[] parts = [.. _model.Modules.Pooling.Select(mode => mode switch
        {
            PoolingMode.FirstToken => tokens.select(1, 0),
            PoolingMode.Max => tokens.Fill(mask.to_type(ScalarType.Bool).logical_not().unsqueeze(2), -1e9).max(1).values,
            PoolingMode.Mean => Sum().div(Count()),
            PoolingMode.MeanSqrtLength => Sum().div(Count().sqrt()),
            _ => throw new NotSupportedException($"Pooling by {mode} cannot be trained."),
        })];
        return parts.Length == 1 ? parts[0] : cat(parts, 1);

        Tensor Sum() => tokens.mul(mask.unsqueeze(2)).sum([1L]);

        Tensor Count() => mask.sum([1L], keepdim: true).AtLeast(1e-9);
    }

    private Tensor Dense(DenseStep dense, Tensor x) =>
        EncoderActivation.Apply(
            dense.Activation, linear(x, _byName[WeightName(dense)], dense.Bias is null ? null : _byName[BiasName(dense)]));

    private Tensor Linear(Tensor x, string name) => linear(x, _byName[name + ".weight"], _byName[name + ".bias"]);

    private Tensor Norm(Tensor x, string name) =>
        layer_norm(x, [_config.Hidden], _byName[name + ".weight"], _byName[name + ".bias"], _config.LayerNormEpsilon);
}
