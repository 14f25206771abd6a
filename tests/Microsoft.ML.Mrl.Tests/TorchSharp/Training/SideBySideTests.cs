using System.Collections.Concurrent;
using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Tests.TorchSharp.Objectives;
using Microsoft.ML.Mrl.TorchSharp.Training;
using Microsoft.ML.Runtime;
using TorchSharp;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training;

/// <summary>Trainings that know nothing of each other run at once, and come to what they would come to alone.</summary>
[Collection(TorchCollection.Name)]
public class SideBySideTests
{
    private readonly MLContext _mlContext = new();
    private readonly List<string> _logged = [];

    public SideBySideTests() => _mlContext.Log += (_, e) =>
    {
        if (e.Kind is ChannelMessageKind.Info or ChannelMessageKind.Warning)
        {
            _logged.Add(e.RawMessage);
        }
    };

    [Theory]
    [InlineData(3_000)]
    [InlineData(600)]
    [InlineData(200)]
    public void Fit_OnAnyNumberOfThreads_SameHeadSameMessagesAndReportsInOrder(int rows)
    {
        MrlFineTuneOptions open = OpenChoicesTests.Open with { Epochs = 3 };
        Example[] examples = Synthetic.Classes(rows, 5, seed: 1);
        var ways = new List<(string Head, string[] Messages)>();
        int before = torch.get_num_threads();
        try
        {
            foreach (int threads in new[] { 1, 2, 5 })
            {
                torch.set_num_threads(threads);
                _logged.Clear();
                var reports = new HeardProgress();

                EmbeddingHead head = _mlContext.Transforms.MrlFineTune(open)
                    .Fit(Example.View(_mlContext, examples, Synthetic.Width, "Input", "Label"), progress: reports).Head;

                ways.Add((head.Fingerprint, [.. _logged.Where(message => message.StartsWith("Training with", StringComparison.Ordinal))]));
                Assert.Equal(threads, torch.get_num_threads());
                MrlProgress[] steps = [.. reports.All.Where(report => report.Phase == MrlPhase.Training)];
                Assert.NotEmpty(steps);
                Assert.Equal(steps.OrderBy(report => report.Step), steps);
                Assert.Equal(steps.OrderBy(report => report.Epoch), steps);
                Assert.All(steps, report => Assert.InRange(report.Step, 0, report.Steps));
            }
        }
        finally
        {
            torch.set_num_threads(before);
        }

        Assert.Equal(Enumerable.Repeat(ways[0].Head, ways.Count), ways.Select(way => way.Head));
        Assert.True(ways[0].Messages.Length > 5);
        Assert.All(ways, way => Assert.Equal(ways[0].Messages, way.Messages));
    }

    [Fact]
    public void Fit_LossOfTheUser_IsNeverCalledByTwoThreadsAtOnce()
    {
        int before = torch.get_num_threads();
        var threads = new ConcurrentDictionary<int, bool>();
        try
        {
            torch.set_num_threads(4);
            _mlContext.Transforms.MrlFineTune(OpenChoicesTests.Open with
            {
                Epochs = 2,
                Objective = MrlObjective.Weighted(
                    (MrlObjective.Custom(new MrlCustomColumns { LabelColumnName = "Label" }, () => new NotingLoss(threads)), 1)),
            }).Fit(Example.View(_mlContext, Synthetic.Classes(3_000, 5, seed: 1), Synthetic.Width, "Input", "Label"));
        }
        finally
        {
            torch.set_num_threads(before);
        }

        Assert.Equal([Environment.CurrentManagedThreadId], threads.Keys);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Run_EachOnceAndMessagesInOrder(int atOnce)
    {
        using MrlLog log = NewLog();
        var ran = new ConcurrentBag<int>();

        new SideBySide(atOnce, log, CancellationToken.None).Run(20, (i, own, _) =>
        {
            // The first ones take longest, so that their messages would come last.
            Thread.Sleep(20 - i);
            own.Info($"turn {i}");
            ran.Add(i);
            return true;
        });

        Assert.Equal(Enumerable.Range(0, 20), ran.Order());
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"turn {i}"), _logged);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Run_OneSaysThatNoMoreShallBegin_ThoseUnderWayEnd(int atOnce)
    {
        using MrlLog log = NewLog();
        int begun = 0, ended = 0;

        new SideBySide(atOnce, log, CancellationToken.None).Run(50, (i, _, _) =>
        {
            Interlocked.Increment(ref begun);
            Thread.Sleep(5);
            Interlocked.Increment(ref ended);
            return i < 4;
        });

        Assert.Equal(begun, ended);
        Assert.InRange(begun, 5, 5 + atOnce);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Run_OneFails_OthersAreCancelledAndTheExceptionIsThrownAfterTheMessages(int atOnce)
    {
        using MrlLog log = NewLog();
        int begun = 0;

        var error = Assert.Throws<InvalidOperationException>(() =>
            new SideBySide(atOnce, log, CancellationToken.None).Run(50, (i, own, stop) =>
            {
                Interlocked.Increment(ref begun);
                own.Info($"turn {i}");
                // Where several run at once the others wait until they are told to stop.
                return i == 0 ? throw new InvalidOperationException("of the first") : stop.WaitHandle.WaitOne();
            }));

        Assert.Equal("of the first", error.Message);
        Assert.InRange(begun, 1, atOnce);
        Assert.Equal("turn 0", _logged[0]);
        Assert.Equal(begun, _logged.Count);
    }

    [Fact]
    public void Run_Cancelled_TrainingsAreTold()
    {
        using MrlLog log = NewLog();
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        var told = new ConcurrentBag<bool>();

        foreach (int atOnce in new[] { 1, 2 })
        {
            new SideBySide(atOnce, log, cancellation.Token).Run(2, (_, _, stop) =>
            {
                told.Add(stop.IsCancellationRequested);
                return true;
            });
        }

        Assert.Equal([true, true, true, true], told);
    }

    private MrlLog NewLog() => new(((IHostEnvironment)_mlContext).Register("test"), "test");

    /// <summary>Notes which threads it is called by.</summary>
    private sealed class NotingLoss(ConcurrentDictionary<int, bool> threads) : EmbeddingLoss
    {
        public override torch.Tensor Forward(EmbeddingBatch batch)
        {
            threads[Environment.CurrentManagedThreadId] = true;
            return batch.Anchors.square().mean();
        }
    }
}
