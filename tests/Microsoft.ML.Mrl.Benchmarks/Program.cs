using BenchmarkDotNet.Running;
using Microsoft.ML.Mrl.Benchmarks.Nested;
using Microsoft.ML.Mrl.Benchmarks.Quality;

if (args is ["quality", .. var rest])
{
    return QualityProgram.Run(rest);
}
if (args is ["nested", .. var nested])
{
    return NestedProgram.Run(nested);
}
if (args is ["threads", .. var threads])
{
    return ThreadsProgram.Run(threads);
}
if (args is ["input"])
{
    return InputProgram.Run();
}
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
