using System.Net;
using System.Net.Sockets;

namespace Microsoft.ML.Mrl.Tests.Postgres;

/// <summary>Stands between client and server, and cuts every connection once so many bytes went one way: what a process that is killed, or
/// a network that fails, looks like to the server.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string _host;
    private readonly int _port;
    private readonly long _cutSent;
    private readonly long _cutReceived;
    private readonly Func<Task>? _atCut;
    private readonly Task _accepting;
    private long _sent;
    private long _received;

    /// <param name="host">The server.</param>
    /// <param name="port">Its port.</param>
    /// <param name="cutSent">Bytes from the client after which to cut.</param>
    /// <param name="cutReceived">Bytes from the server after which to cut.</param>
    /// <param name="atCut">What is done when those bytes have gone and before the connection is closed, if anything.</param>
    public CuttingProxy(string host, int port, long cutSent = long.MaxValue, long cutReceived = long.MaxValue, Func<Task>? atCut = null)
    {
        (_host, _port, _cutSent, _cutReceived, _atCut) = (host, port, cutSent, cutReceived, atCut);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public long Sent => Interlocked.Read(ref _sent);

    public long Received => Interlocked.Read(ref _received);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync()));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            await server.ConnectAsync(_host, _port);
            Task up = PumpAsync(client, server, _cutSent, bytes => Interlocked.Add(ref _sent, bytes));
            Task down = PumpAsync(server, client, _cutReceived, bytes => Interlocked.Add(ref _received, bytes));
            await Task.WhenAny(up, down);
            client.Close();
            server.Close();
            await Task.WhenAll(up, down);
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, long cut, Func<int, long> count)
    {
        var buffer = new byte[4096];
        try
        {
            while (await from.GetStream().ReadAsync(buffer) is > 0 and int read)
            {
                long total = count(read);
                int allowed = (int)Math.Clamp(read - (total - cut), 0, read);
                await to.GetStream().WriteAsync(buffer.AsMemory(0, allowed));
                if (total >= cut)
                {
                    await (_atCut?.Invoke() ?? Task.CompletedTask);
                    return;
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException or InvalidOperationException)
        {
            // The other way was cut.
        }
    }
}
