namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>Specifies the activation between two linear layers.</summary>
internal enum TransformerActivation
{
    /// <summary>x.</summary>
    Identity,

    /// <summary>x Φ(x), with the error function.</summary>
    Gelu,

    /// <summary>The approximation 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))).</summary>
    GeluTanh,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>x / (1 + exp(−x)).</summary>
    Silu,

    /// <summary>tanh x.</summary>
    Tanh,

    /// <summary>1 / (1 + exp(−x)).</summary>
    Sigmoid,
}
