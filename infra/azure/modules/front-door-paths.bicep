// One host name, and which path goes to which app: the most specific rule counts. A page can stand at any path
// that is not the API's, so the console's app has the rest.

param profileName string
param hostName string
param authHost string
param apiHost string

resource profile 'Microsoft.Cdn/profiles@2024-02-01' existing = {
  name: profileName
}

resource endpoint 'Microsoft.Cdn/profiles/afdEndpoints@2024-02-01' = {
  parent: profile
  name: '${profileName}-${uniqueString(resourceGroup().id)}'
  location: 'global'
  properties: {
    enabledState: 'Enabled'
  }
}

resource domain 'Microsoft.Cdn/profiles/customDomains@2024-02-01' = {
  parent: profile
  name: replace(hostName, '.', '-')
  properties: {
    hostName: hostName
    tlsSettings: {
      certificateType: 'ManagedCertificate'
      minimumTlsVersion: 'TLS12'
    }
  }
}

resource authGroup 'Microsoft.Cdn/profiles/originGroups@2024-02-01' = {
  parent: profile
  name: 'auth'
  properties: {
    // With one origin there is nothing to choose, and so nothing to probe.
    loadBalancingSettings: {
      sampleSize: 4
      successfulSamplesRequired: 3
    }
    sessionAffinityState: 'Disabled'
  }
}

resource authOrigin 'Microsoft.Cdn/profiles/originGroups/origins@2024-02-01' = {
  parent: authGroup
  name: 'auth'
  properties: {
    hostName: authHost
    // The platform finds an app by this name; the one that the browser sees is a setting of the app.
    originHostHeader: authHost
    enforceCertificateNameCheck: true
  }
}

resource authPaths 'Microsoft.Cdn/profiles/afdEndpoints/routes@2024-02-01' = {
  parent: endpoint
  name: 'auth'
  properties: {
    originGroup: {
      id: authGroup.id
    }
    customDomains: [
      {
        id: domain.id
      }
    ]
    patternsToMatch: [
      '/*'
    ]
    supportedProtocols: [
      'Http'
      'Https'
    ]
    httpsRedirect: 'Enabled'
    forwardingProtocol: 'HttpsOnly'
    // The endpoint's own name is a second origin, which there must not be.
    linkToDefaultDomain: 'Disabled'
  }
  dependsOn: [
    authOrigin
  ]
}

resource apiGroup 'Microsoft.Cdn/profiles/originGroups@2024-02-01' = {
  parent: profile
  name: 'api'
  properties: {
    loadBalancingSettings: {
      sampleSize: 4
      successfulSamplesRequired: 3
    }
    sessionAffinityState: 'Disabled'
  }
}

resource apiOrigin 'Microsoft.Cdn/profiles/originGroups/origins@2024-02-01' = {
  parent: apiGroup
  name: 'api'
  properties: {
    hostName: apiHost
    originHostHeader: apiHost
    enforceCertificateNameCheck: true
  }
}

resource apiPaths 'Microsoft.Cdn/profiles/afdEndpoints/routes@2024-02-01' = {
  parent: endpoint
  name: 'api'
  properties: {
    originGroup: {
      id: apiGroup.id
    }
    customDomains: [
      {
        id: domain.id
      }
    ]
    patternsToMatch: [
      '/api/*'
      '/attempts/*'
    ]
    supportedProtocols: [
      'Http'
      'Https'
    ]
    httpsRedirect: 'Enabled'
    forwardingProtocol: 'HttpsOnly'
    linkToDefaultDomain: 'Disabled'
  }
  dependsOn: [
    apiOrigin
  ]
}

output endpointHostName string = endpoint.properties.hostName
output domainProof string = domain.properties.validationProperties.validationToken
