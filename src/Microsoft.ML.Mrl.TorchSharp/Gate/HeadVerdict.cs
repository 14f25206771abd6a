namespace Microsoft.ML.Mrl.TorchSharp.Gate;

/// <summary>What the gate decided.</summary>
/// <param name="Winner"><see cref="HeadChoice.Learned"/>, <see cref="HeadChoice.Pca"/> or <see cref="HeadChoice.Raw"/>.</param>
/// <param name="Text">Why, and by how much, in a sentence or two.</param>
/// <param name="IsWarning">Whether the user should not miss it.</param>
/// <param name="Scores">What the candidates reached, a row a dimension; empty where nothing was held back.</param>
internal sealed record HeadVerdict(string Winner, string Text, bool IsWarning, IReadOnlyList<ValidationScore> Scores);
