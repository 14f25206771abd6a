namespace Microsoft.ML.Mrl;

/// <summary>What the file of a Dense layer holds.</summary>
/// <param name="Tensors">Its tensors, in order.</param>
/// <param name="Metadata">Its texts.</param>
internal sealed record DenseFile(IReadOnlyList<StoredTensor> Tensors, IReadOnlyList<KeyValuePair<string, string>> Metadata);
