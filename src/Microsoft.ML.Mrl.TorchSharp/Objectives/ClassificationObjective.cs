namespace Microsoft.ML.Mrl; internal sealed class ClassificationObjective : MrlObjective { public ClassificationObjective(string labelColumnName, WeightTying weightTying) { } }
