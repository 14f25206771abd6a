using Microsoft.ML.Mrl.Benchmarks.Classification;
using Microsoft.ML.Mrl.Benchmarks.Distill;
using Microsoft.ML.Mrl.Benchmarks.Evaluation;
using Microsoft.ML.Mrl.Benchmarks.FineTune;
using Microsoft.ML.Mrl.Benchmarks.Fuzz;
using Microsoft.ML.Mrl.Benchmarks.Interruptions;
using Microsoft.ML.Mrl.Benchmarks.Mutate;
using Microsoft.ML.Mrl.Benchmarks.Nested;
using Microsoft.ML.Mrl.Benchmarks.OutOfCore;
using Microsoft.ML.Mrl.Benchmarks.Postgres;
using Microsoft.ML.Mrl.Benchmarks.Quality;
using Microsoft.ML.Mrl.Benchmarks.Quality.FewRows;
using Microsoft.ML.Mrl.Benchmarks.Quantization;
using Microsoft.ML.Mrl.Benchmarks.Search;
using Microsoft.ML.Mrl.Benchmarks.Static;
using Microsoft.ML.Mrl.Benchmarks.Tables;
using Microsoft.ML.Mrl.Benchmarks.Tokenizers;
using Microsoft.ML.Mrl.Benchmarks.Transformers;
using Microsoft.ML.Mrl.Benchmarks.Truncation;
using Microsoft.ML.Mrl.Benchmarks.Tune;

switch (args)
{
    case ["quality", .. var rest]:
        return QualityProgram.Run(rest);
    case ["few-rows", .. var rest]:
        return FewRowsProgram.Run(rest);
    case ["fuzz", .. var rest]:
        return FuzzProgram.Run(rest);
    case ["mutate", .. var rest]:
        return MutateProgram.Run(rest);
    case ["kill", .. var rest]:
        return KillProgram.Run(rest);
    case ["kill-child", var kind, var folder]:
        return KillProgram.RunChild(kind, folder);
    case ["finetune", .. var rest]:
        return FineTuneProgram.Run(rest);
    case ["finetune-child", var name, var epochs, var data, var cache, var rows]:
        return FineTuneProgram.RunChild(name, epochs, data, cache, rows);
    case ["outofcore", .. var rest]:
        return OutOfCoreProgram.Run(rest);
    case ["nested", .. var rest]:
        return NestedProgram.Run(rest);
    case ["threads", .. var rest]:
        return ThreadsProgram.Run(rest);
    case ["static", .. var rest]:
        return StaticProgram.Run(rest);
    case ["distill", .. var rest]:
        return DistillProgram.Run(rest);
    case ["encode", .. var rest]:
        return EncodingProgram.Run(rest);
    case ["search", .. var rest]:
        return SearchProgram.Run(rest);
    case ["tables", .. var rest]:
        return TablesProgram.Run(rest);
    case ["quantization", .. var rest]:
        return QuantizedQuality.Run(rest);
    case ["quantize", .. var rest]:
        return QuantizeProgram.Run(rest);
    case ["adaptive", .. var rest]:
        return AdaptiveProgram.Run(rest);
    case ["evaluate", .. var rest]:
        return EvaluationProgram.Run(rest);
    case ["truncate", .. var rest]:
        return TruncationProgram.Run(rest);
    case ["tune", .. var rest]:
        return TuneProgram.Run(rest);
    case ["tune-minilm", .. var rest]:
        return MiniLmProgram.Run(rest);
    case ["tokens", .. var rest]:
        return TokensProgram.Run(rest);
    case ["tokenizers", .. var rest]:
        return TokenizersProgram.Run(rest);
    case ["input"]:
        return InputProgram.Run();
    case ["postgres", .. var rest]:
        return await PostgresProgram.RunAsync(rest);
    default:
        Console.Error.WriteLine(
            "Name a verb: tables, quality, few-rows, static, distill, nested, threads, input, finetune, outofcore, fuzz, mutate, kill, search, quantize, quantization, postgres, adaptive, evaluate, truncate, tune, tune-minilm, encode, tokens or tokenizers.");
        return 2;
}
